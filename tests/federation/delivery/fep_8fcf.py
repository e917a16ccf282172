"""What FEP-8fcf (final, 2022-02-07) says: the digest of its example, the header, and who may be believed."""

ACTOR = "https://example.org/users/1"
FOLLOWERS = (
    "https://example.org/users/2",
    "https://testing.example.org/users/1",
    "https://next.example.org/users/foo",
    "https://testing.example.org/users/2",
)
PART = {
    "testing.example.org": (
        "https://testing.example.org/users/1",
        "https://testing.example.org/users/2",
    )
}
"""Host -> who of FOLLOWERS is its own: scheme and authority are the same."""
DIGESTS = {
    "https://testing.example.org/users/1": "3a06e99569547f444c352ab7f52e4bab207abec5ca6f07b0045cfdc9723f8fa9",
    "https://testing.example.org/users/2": "f939a1585d4a8f02ee339210dbe7315d7003476663d6095f7d996fc4bc7a49b6",
}
DIGEST = "c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f"
HEADER = (
    'collectionId="https://example.org/users/1/followers", '
    'url="https://example.org/users/1/followers_synchronization", '
    f'digest="{DIGEST}"'
)
IGNORED = (
    # collectionId is not the sender's followers
    HEADER.replace("users/1/followers", "users/2/followers", 1),
    # the url has another authority: nobody may be tricked into asking for a third person's followers
    HEADER.replace("https://example.org/users/1/followers_s", "https://elsewhere.example/users/1/followers_s"),
    # no digest, no url, nothing at all, a parameter twice
    HEADER.rpartition(",")[0],
    HEADER.partition(",")[2],
    "",
    HEADER + ', digest="00"',
)
"""Headers of a Create by ACTOR of which the receiver makes nothing."""
