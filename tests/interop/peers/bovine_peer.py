"""A person on a server made with bovine, and httpsig beside it as a second reader and writer of signatures.

    python bovine_peer.py PORT

It listens on 127.0.0.1 alone. Strangers are answered by fediverse-pasture's blueprint, which has bovine check their
signatures; the tests say what to do on /control/…. It runs in an environment of its own: a node never imports bovine.
"""

import sys
import uuid

import aiohttp
from bovine.activitystreams.activity_factory import ActivityFactory
from bovine.activitystreams.object_factory import ObjectFactory
from fediverse_pasture.data_provider import bovine_actor_for_actor_data
from fediverse_pasture.data_provider.generate import generate_key_pair
from fediverse_pasture.data_provider.models import ActorData
from fediverse_pasture.server import BlueprintForActors
from httpsig import HeaderSigner, HeaderVerifier
from quart import Quart, request

PORT = int(sys.argv[1])
HOME = f"http://127.0.0.1:{PORT}"
ME = f"{HOME}/camille"

person = ActorData(
    actor_name="camille", user_part="camille", summary="A sample person", key_pairs=[generate_key_pair("main")],
    requires_signed_post_for_inbox=True,
)  # fmt: skip
# The server's own actor, which fetches keys.
service = ActorData(actor_name="actor", user_part="actor", key_pairs=[generate_key_pair("main")])

heard: list[dict] = []
verified: list[bool] = []
posts: dict[str, dict] = {}

client, document = bovine_actor_for_actor_data(ME, person)


async def remember(activity: dict) -> None:
    heard.append(activity)


app = Quart(__name__)
app.register_blueprint(BlueprintForActors([person, service], on_inbox=remember).blueprint)


@app.before_request
async def check_with_httpsig() -> None:
    """What httpsig says of a signed POST, with the key that its keyId leads to."""
    if request.method != "POST" or "signature" not in request.headers:
        return
    key_id = request.headers["signature"].partition('keyId="')[2].partition('"')[0]
    async with aiohttp.ClientSession() as session:
        await client.init(session=session)
        key = (await client.get(key_id))["publicKey"]["publicKeyPem"]
    headers = {name.lower(): value for name, value in request.headers.items()}
    verifier = HeaderVerifier(
        headers=headers, secret=key, method="POST", path=request.full_path.rstrip("?"),
        required_headers=["(request-target)", "host", "date", "digest"], sign_header="signature",
    )  # fmt: skip
    verified.append(bool(verifier.verify()))


@app.get("/posts/<name>")
async def post_of(name: str):
    found = posts.get(f"{HOME}/posts/{name}")
    return (found, 200, {"content-type": "application/activity+json"}) if found else ("", 404)


@app.get("/control/seen")
async def seen() -> dict:
    return {"heard": heard, "verified_by_httpsig": verified}


@app.post("/control/forget")
async def forget() -> dict:
    heard.clear()
    verified.clear()
    return {}


@app.post("/control/send")
async def send() -> dict:
    """Build an activity with bovine's factories, and post it, signed by bovine."""
    wanted = await request.get_json()
    activities = ActivityFactory({"id": ME, "followers": f"{ME}/followers"})
    objects = ObjectFactory({"id": ME, "followers": f"{ME}/followers"})
    activity_id = f"{HOME}/activities/{uuid.uuid4()}"
    match wanted["type"]:
        case "Create":
            uri = f"{HOME}/posts/{uuid.uuid4()}"
            note = objects.note(content=wanted["content"], id=uri, to={wanted["to"]}).as_public().build()
            posts[uri] = note
            activity = activities.create(note, id=activity_id).build()
        case "Delete":
            uri = wanted["object"]
            posts.pop(uri, None)
            activity = activities.delete(uri, id=activity_id).as_public().build()
        case kind:
            verb = {"Follow": activities.follow, "Like": activities.like, "Announce": activities.announce,
                    "Accept": activities.accept, "Undo": activities.undo}[kind]  # fmt: skip
            uri = wanted["object"]
            built = verb(uri, id=activity_id)
            built.to.add(wanted["to"])
            activity = (built.as_public() if kind == "Announce" else built).build()
    async with aiohttp.ClientSession() as session:
        await client.init(session=session)
        inbox = (await client.get(wanted["to"]))["inbox"]
        try:
            answered = await client.post(inbox, activity)
        except aiohttp.ServerDisconnectedError:
            # The connection that was kept open has ended: sent anew, as every sender does (RFC 9112 §9.3.1).
            answered = await client.post(inbox, activity)
    return {"status": answered.status, "activity": activity, "uri": uri}


@app.post("/control/read")
async def read() -> dict:
    """What bovine gets from an address with a signed GET."""
    async with aiohttp.ClientSession() as session:
        await client.init(session=session)
        return await client.get((await request.get_json())["address"])


@app.post("/control/sign")
async def sign() -> dict:
    """Headers signed by httpsig with the person's key: `{headers, path, signed: [name, …]}`."""
    wanted = await request.get_json()
    signer = HeaderSigner(f"{ME}#main", person.key_pairs[0].private, "rsa-sha256", wanted["signed"], "signature")
    return dict(signer.sign(wanted["headers"], method="POST", path=wanted["path"]))


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=PORT)
