// A person on a server of another make: Fedify, a JavaScript library for ActivityPub that many servers are built on.
// It listens on 127.0.0.1 alone, answers strangers through Fedify, and does what the tests say on /control/….
//
//   node fedify.mjs --port 8901 [--first-knock cavage|rfc9421] [--refuse cavage|rfc9421] [--approve by-hand]
//
// --first-knock  the signature that it tries first when it sends
// --refuse       answers 401 to requests signed that way, as a server that does not know it would
// --approve      by-hand: a Follow waits for /control/accept or /control/reject
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { MemoryKvStore, createFederation, generateCryptoKeyPair } from "@fedify/fedify";
import {
  Accept, Activity, Announce, Block, Create, Delete, Endpoints, Follow, Like, Mention, Note, PUBLIC_COLLECTION,
  Person, Question, Reject, Tombstone, Undo, Update, Collection, isActor,
} from "@fedify/fedify/vocab";
import { Temporal } from "@js-temporal/polyfill";

const { values: options } = parseArgs({
  options: {
    port: { type: "string" },
    "first-knock": { type: "string", default: "cavage" },
    refuse: { type: "string", default: "" },
    approve: { type: "string", default: "always" },
  },
});
const NAME = "camille";
const SPECS = { cavage: "draft-cavage-http-signatures-12", rfc9421: "rfc9421" };
const origin = `http://127.0.0.1:${options.port}`;
const keyPairs = [await generateCryptoKeyPair("RSASSA-PKCS1-v1_5"), await generateCryptoKeyPair("Ed25519")];

const heard = []; // activities that Fedify believed, oldest first
const faults = []; // what it complained about
const requests = []; // every request, with the kind of signature and the answer
const posts = new Map(); // id -> Note or Question
const followers = new Map(); // actor id -> recipient
const following = new Set();
const waiting = new Map(); // Follow id -> Follow

const federation = createFederation({
  kv: new MemoryKvStore(),
  origin,
  allowPrivateAddress: true,
  firstKnock: SPECS[options["first-knock"]],
});

federation
  .setActorDispatcher("/people/{identifier}", async (ctx, identifier) => {
    if (identifier !== NAME) return null;
    const pairs = await ctx.getActorKeyPairs(identifier);
    return new Person({
      id: ctx.getActorUri(identifier),
      preferredUsername: identifier,
      name: "Camille (sample)",
      summary: "<p>A sample person on another server</p>",
      url: new URL(`/@${identifier}`, origin),
      inbox: ctx.getInboxUri(identifier),
      outbox: ctx.getOutboxUri(identifier),
      followers: ctx.getFollowersUri(identifier),
      following: ctx.getFollowingUri(identifier),
      endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
      manuallyApprovesFollowers: options.approve !== "always",
      publicKey: pairs[0].cryptographicKey,
      assertionMethods: pairs.map((pair) => pair.multikey),
    });
  })
  .setKeyPairsDispatcher((_ctx, identifier) => (identifier === NAME ? keyPairs : []));
federation.setObjectDispatcher(Note, "/notes/{id}", (_ctx, { id }) => stored(id, Note));
federation.setObjectDispatcher(Question, "/questions/{id}", (_ctx, { id }) => stored(id, Question));
federation
  .setFollowersDispatcher("/people/{identifier}/followers", () => ({ items: [...followers.values()] }))
  .setCounter(() => followers.size);
federation
  .setFollowingDispatcher("/people/{identifier}/following", () => ({ items: [...following].map((id) => new URL(id)) }))
  .setCounter(() => following.size);
federation
  .setOutboxDispatcher("/people/{identifier}/outbox", (ctx) => ({
    items: [...posts.values()].map((post) => creation(ctx, post)),
  }))
  .setCounter(() => posts.size);
federation.setNodeInfoDispatcher("/nodeinfo/2.1", () => ({
  software: { name: "fedify-peer", version: "1.0.0" },
  protocols: ["activitypub"],
  usage: { users: { total: 1 }, localPosts: posts.size, localComments: 0 },
}));

federation
  .setInboxListeners("/people/{identifier}/inbox", "/inbox")
  .setSharedKeyDispatcher(() => ({ identifier: NAME }))
  .on(Follow, async (ctx, follow) => {
    await remember(ctx, follow);
    if (options.approve === "always") await answer(ctx, follow, Accept);
    else waiting.set(follow.id.href, follow);
  })
  .on(Accept, async (ctx, accept) => {
    await remember(ctx, accept);
    following.add(accept.actorId.href);
  })
  .on(Reject, async (ctx, reject) => {
    await remember(ctx, reject);
    following.delete(reject.actorId.href);
  })
  .on(Undo, async (ctx, undo) => {
    await remember(ctx, undo);
    const undone = await undo.getObject(await loaders(ctx));
    if (undone instanceof Follow) followers.delete(undo.actorId.href);
  })
  .on(Activity, remember)
  .onError((_ctx, error) => void faults.push(String(error)));

function stored(id, kind) {
  const found = posts.get(id);
  return found instanceof kind ? found : null;
}

async function loaders(ctx) {
  return { documentLoader: await ctx.getDocumentLoader({ identifier: NAME }), contextLoader: ctx.contextLoader };
}

async function remember(ctx, activity) {
  heard.push(await activity.toJsonLd({ format: "compact", contextLoader: ctx.contextLoader }));
}

function newId(ctx, kind) {
  return new URL(`#${kind}/${crypto.randomUUID()}`, ctx.getActorUri(NAME));
}

function creation(ctx, post) {
  return new Create({
    id: new URL("#create", post.id), actor: ctx.getActorUri(NAME), object: post, published: post.published,
    tos: post.toIds, ccs: post.ccIds,
  });
}

async function actorAt(ctx, address) {
  const found = await ctx.lookupObject(address, await loaders(ctx));
  if (!isActor(found)) throw new Error(`${address} is no actor`);
  return found;
}

async function answer(ctx, follow, Answer) {
  const who = await follow.getActor(await loaders(ctx));
  if (Answer === Accept) followers.set(who.id.href, who);
  const me = ctx.getActorUri(NAME);
  await ctx.sendActivity({ identifier: NAME }, who, new Answer({ id: newId(ctx, "answer"), actor: me, object: follow, to: who.id }));
}

function written(ctx, wanted, id) {
  const me = ctx.getActorUri(NAME);
  const all = {
    attribution: me,
    content: wanted.content,
    summary: wanted.summary ?? null,
    published: Temporal.Now.instant(),
    updated: wanted.edited ? Temporal.Now.instant() : null,
    replyTarget: wanted.inReplyTo ? new URL(wanted.inReplyTo) : null,
    tos: wanted.only ? [new URL(wanted.only)] : wanted.visibility === "followers" ? [ctx.getFollowersUri(NAME)] : [PUBLIC_COLLECTION],
    ccs: wanted.only || wanted.visibility === "followers" ? [] : [ctx.getFollowersUri(NAME)],
    tags: (wanted.mentions ?? []).map(({ href, name }) => new Mention({ href: new URL(href), name })),
  };
  if (!wanted.choices) return new Note({ id: ctx.getObjectUri(Note, { id }), ...all });
  return new Question({
    id: ctx.getObjectUri(Question, { id }),
    ...all,
    endTime: Temporal.Now.instant().add({ hours: 1 }),
    voters: 0,
    exclusiveOptions: wanted.choices.map((name) => new Note({ name, replies: new Collection({ totalItems: 0 }) })),
  });
}

const controls = {
  seen: async () => ({
    heard, faults, requests, followers: [...followers.keys()], following: [...following], waiting: [...waiting.keys()],
  }),
  forget: async () => {
    for (const list of [heard, faults, requests]) list.length = 0;
    return {};
  },
  read: async (ctx, { address }) => {
    const found = await ctx.lookupObject(address, await loaders(ctx));
    return found && (await found.toJsonLd({ format: "compact", contextLoader: ctx.contextLoader }));
  },
  follow: async (ctx, { address }) => {
    const who = await actorAt(ctx, address);
    const follow = new Follow({ id: newId(ctx, "follow"), actor: ctx.getActorUri(NAME), object: who.id, to: who.id });
    await send(ctx, follow, [who]);
    return { id: follow.id.href };
  },
  accept: async (ctx, { follow }) => (await answer(ctx, waiting.get(follow), Accept), {}),
  reject: async (ctx, { follow }) => (await answer(ctx, waiting.get(follow), Reject), {}),
  create: async (ctx, wanted) => {
    const id = crypto.randomUUID();
    const post = written(ctx, wanted, id);
    posts.set(id, post);
    await send(ctx, creation(ctx, post), await recipients(ctx, wanted));
    return { id: post.id.href };
  },
  update: async (ctx, wanted) => {
    const id = wanted.id.split("/").pop();
    const post = written(ctx, { ...wanted, edited: true }, id);
    posts.set(id, post);
    await send(ctx, new Update({ id: newId(ctx, "update"), actor: ctx.getActorUri(NAME), object: post, tos: post.toIds, ccs: post.ccIds }), await recipients(ctx, wanted));
    return {};
  },
  delete: async (ctx, wanted) => {
    posts.delete(wanted.id.split("/").pop());
    const gone = new Tombstone({ id: new URL(wanted.id) });
    await send(ctx, new Delete({ id: newId(ctx, "delete"), actor: ctx.getActorUri(NAME), object: gone, to: PUBLIC_COLLECTION }), await recipients(ctx, wanted));
    return {};
  },
  like: async (ctx, wanted) => done(ctx, wanted, new Like({ id: newId(ctx, "like"), actor: ctx.getActorUri(NAME), object: new URL(wanted.object) })),
  announce: async (ctx, wanted) =>
    done(ctx, wanted, new Announce({
      id: newId(ctx, "announce"), actor: ctx.getActorUri(NAME), object: new URL(wanted.object), published: Temporal.Now.instant(),
      to: PUBLIC_COLLECTION, cc: ctx.getFollowersUri(NAME),
    })),
  block: async (ctx, wanted) => done(ctx, wanted, new Block({ id: newId(ctx, "block"), actor: ctx.getActorUri(NAME), object: new URL(wanted.object) })),
  undo: async (ctx, wanted) => {
    const kind = { Follow, Like, Announce, Block }[wanted.type];
    const me = ctx.getActorUri(NAME);
    const object = new kind({ id: new URL(wanted.id), actor: me, object: new URL(wanted.object) });
    if (wanted.type === "Follow") following.delete(wanted.object);
    await send(ctx, new Undo({ id: newId(ctx, "undo"), actor: me, object }), await recipients(ctx, wanted));
    return {};
  },
};

async function recipients(ctx, wanted) {
  if (!wanted.to) return [...followers.values()];
  return [await actorAt(ctx, wanted.to)];
}

async function send(ctx, activity, to) {
  await ctx.sendActivity({ identifier: NAME }, to, activity, { immediate: true });
}

async function done(ctx, wanted, activity) {
  await send(ctx, activity, await recipients(ctx, wanted));
  return { id: activity.id.href };
}

function kindOfSignature(headers) {
  if (headers["signature-input"]) return "rfc9421";
  return headers.signature ? "cavage" : "none";
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

createServer(async (request, response) => {
  const body = await bodyOf(request);
  const ended = (status, headers, text) => response.writeHead(status, headers).end(text);
  try {
    if (request.url.startsWith("/control/")) {
      const control = controls[request.url.slice("/control/".length)];
      const said = await control(federation.createContext(new URL(origin)), JSON.parse(body.toString() || "{}"));
      ended(200, { "content-type": "application/json" }, JSON.stringify(said));
      return;
    }
    const signature = kindOfSignature(request.headers);
    const entry = { method: request.method, url: request.url, signature, status: 401, body: body.toString() };
    requests.push(entry);
    if (signature === options.refuse) {
      ended(401, { "content-type": "text/plain" }, "That kind of signature is not known here");
      return;
    }
    const bodyless = request.method === "GET" || request.method === "HEAD";
    const asked = new Request(new URL(request.url, origin), {
      method: request.method, headers: request.headers, body: bodyless ? undefined : body,
    });
    const answered = await federation.fetch(asked, { contextData: undefined });
    entry.status = answered.status;
    ended(answered.status, Object.fromEntries(answered.headers), Buffer.from(await answered.arrayBuffer()));
  } catch (error) {
    ended(500, { "content-type": "application/json" }, JSON.stringify({ error: String(error?.stack ?? error) }));
  }
}).listen(Number(options.port), "127.0.0.1", () => console.log("ready"));
