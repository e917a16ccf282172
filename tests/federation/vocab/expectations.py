"""What a person reads in documents of other programs: written from the documents, before the code.

Each row: file in the shared corpus, what it is, and facts by attribute path. `post.` reads the object that an
activity embeds, `len(...)` counts, `starts(...)` compares a beginning. Short facts only: no document is copied.
"""

from typing import Any

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"

EXPECTATIONS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "mobilizon/Event-mobilizon.org-event.json",
        "Post",
        {
            "type": "Event",
            "id": "https://mobilizon.org/events/252d5816-00a3-4a89-a66f-15bf65c33e39",
            "attributed_to": "https://mobilizon.org/@tcit",
            "name": "Mobilizon Launching Party",
            "audience.to": (PUBLIC,),
            "published_ms": 1576582436000,
            "updated_ms": 1576585501000,
            "len(hashtags)": 4,
            "hashtags.0.name": "Mobilizon",
            "attachments": (),
        },
    ),
    (
        "peertube/Video-peertube-social.json",
        "Post",
        {
            "type": "Video",
            "attributed_to": "https://peertube.social/accounts/craigmaloney",
            "name": "Twenty Years in Jail: FreeBSD's Jails, Then and Now",
            "media_type": "text/markdown",
            "language": "en",
            "url": "https://peertube.social/videos/watch/278d2b7c-0f38-4aaa-afe6-9ecc0c4a34fe",
            "likes": "https://peertube.social/videos/watch/278d2b7c-0f38-4aaa-afe6-9ecc0c4a34fe/likes",
            "shares": "https://peertube.social/videos/watch/278d2b7c-0f38-4aaa-afe6-9ecc0c4a34fe/announces",
            "links.1.media_type": "video/mp4",
            "links.1.height": 240,
            "hashtags.1.name": "mug.org",
            "sensitive": False,
        },
    ),
    (
        "misskey/Question-misskey_poll_no_end_date.json",
        "Post",
        {
            "type": "Question",
            "id": "https://skippers-bin.com/notes/7x9tmrp97i",
            "attributed_to": "https://skippers-bin.com/users/7v1w1r8ce6",
            "summary": None,
            "in_reply_to": None,
            "mentions.0.href": "https://marchgenso.me/users/march",
            "mentions.0.name": "@march@marchgenso.me",
            "published_ms": 1567661732541,
        },
    ),
    (
        "pleroma/Note-emoji-in-summary.json",
        "Post",
        {
            "summary": ":joker_smile: ",
            "sensitive": False,
            "len(emojis)": 2,
            "emojis.1.name": "joker_smile",
            "emojis.1.url": "https://patch.cx/emoji/custom/joker_smile.png",
            "starts(source.content)": ":joker_disapprove:",
            "context": "https://patch.cx/contexts/2c3ce4b4-18b1-4b1a-8965-3932027b5326",
            "published_ms": 1616432086461,
        },
    ),
    (
        "gotosocial/Note-internaltoas_test.go-L635.json",
        "Post",
        {
            "audience.to": (PUBLIC,),
            "audience.cc": ("http://localhost:8080/users/admin/followers",),
            "language": "en",
            "len(attachments)": 1,
            "attachments.0.type": "Image",
            "starts(attachments.0.alt)": "Black and white image",
            "attachments.0.blurhash": "LIIE|gRj00WB-;j[t7j[4nWBj[Rj",
            "attachments.0.focal_point": (-0.5, 0.5),
            "attachments.0.media_type": "image/jpeg",
            "hashtags.0.name": "welcome",
            "emojis.0.name": "rainbow",
            "replies": "http://localhost:8080/users/admin/statuses/01F8MH75CBF9JFX4ZAD54N0W0R/replies",
            "url": "http://localhost:8080/@admin/statuses/01F8MH75CBF9JFX4ZAD54N0W0R",
        },
    ),
    (
        "lemmy/Page-post.json",
        "Post",
        {
            "type": "Page",
            "name": "This is a test post",
            "attributed_to": "https://lemmy.example.com/u/TestUser",
            "audience.groups": ("https://lemmy.example.com/c/test",),
            "source.media_type": "text/markdown",
            "language": "en",
            "published_ms": 1123,
        },
    ),
    (
        "lemmy/Create-activities-create_or_update-create_private_message.json",
        "Activity",
        {
            "type": "Create",
            "actor": "http://enterprise.lemmy.ml/u/lemmy_beta",
            "object.id": "http://enterprise.lemmy.ml/private_message/1",
            "post.content": "hello",
            "post.audience.to": ("http://ds9.lemmy.ml/u/lemmy_alpha",),
        },
    ),
    (
        "bookwyrm/Create-ap_generated_shelve_note.json",
        "Activity",
        {
            "actor": "https://example.com/users/rat",
            "object.id": "https://example.com/users/rat/generatednote/2567",
            "object.type": "GeneratedNote",
            "audience.cc": (PUBLIC,),
        },
    ),
    (
        "friendica/Create-activities-create_note.json",
        "Activity",
        {
            "id": "https://soc.schuerz.at/objects/4edd2508-4361-edb8-c4d8-b45181083984/Create",
            "post.in_reply_to": "https://lemmy.schuerz.at/post/25360",
            "post.language": "de",
            "post.summary": None,
            "post.source.media_type": "text/bbcode",
            "post.mentions.0.href": "https://lemmy.schuerz.at/u/jakob",
        },
    ),
    (
        "pixelfed/Create-NoteAttachmentTest.php-L24.json",
        "Activity",
        {
            "post.attachments.0.type": "Document",
            "post.attachments.0.alt": None,
            "post.attachments.0.media_type": "image/jpeg",
            "post.language": "en",
            "post.conversation": "tag:mastodon.social,2018-10-13:objectId=59103420:objectType=Conversation",
        },
    ),
    (
        "wordpress-pterotype/Article-wedistribute-article.json",
        "Post",
        {
            "type": "Article",
            "id": "https://wedistribute.org/wp-json/pterotype/v1/object/85810",
            "attributed_to": "https://wedistribute.org/wp-json/pterotype/v1/actor/-blog",
            "name": "The end is near: Mastodon plans to drop OStatus support",
            "starts(summary)": "One of the largest platforms",
            "url": "https://wedistribute.org/2019/07/mastodon-drops-ostatus/",
            "published_ms": None,
        },
    ),
    (
        "nodebb/Announce-received_1.json",
        "Activity",
        {
            "type": "Announce",
            "actor": "https://community.nodebb.org/category/30",
            "object.id": "https://community.nodebb.org/post/102840",
            "object.type": "Note",
            "post.name": "Is ActivityPub too complicated?",
            "post.updated_ms": None,
            "post.audience.groups": ("https://community.nodebb.org/category/30",),
            "post.hashtags.1.name": "nodebb 4.0",
            "post.attachments.0.width": 1196,
            "post.replies": "https://community.nodebb.org/post/102840/replies",
        },
    ),
    (
        "gancio/Event-gancio-v1.22.json",
        "Post",
        {
            "type": "Event",
            "name": "Picture Show",
            "attributed_to": "https://remote.example/@organizer",
            "attachments.0.alt": "Picture Show alt",
            "attachments.0.focal_point": (0.0, 0.0),
        },
    ),
    (
        "funkwhale/Create-funkwhale_create_audio.json",
        "Activity",
        {
            "post.type": "Audio",
            "post.name": "Compositions - Test Audio for Pleroma",
            "post.url": "https://channels.tests.funkwhale.audio/library/tracks/74",
            "post.audience.to": (PUBLIC,),
            "len(post.hashtags)": 3,
        },
    ),
    (
        "owncast/Note-owncast-note-with-attachment.json",
        "Post",
        {
            "attributed_to": "https://owncast.localhost.localdomain/federation/user/streamer",
            "len(attachments)": 1,
            "attachments.0.url": "https://owncast.localhost.localdomain/preview.gif?us=KjfNX387gm",
            "audience.to": (PUBLIC,),
            "len(hashtags)": 2,
        },
    ),
    (
        "smithereen/Question-smithereen_non_anonymous_poll.json",
        "Post",
        {
            "type": "Question",
            "id": "https://friends.grishka.me/posts/54642",
            "name": "тестовый опрос",
            "replies": "https://friends.grishka.me/posts/54642/replies",
            "likes": "https://friends.grishka.me/posts/54642/likes",
        },
    ),
    (
        "takahe/Note-test_post.py-L276.json",
        "Post",
        {"content": "Hello World", "language": "en-gb", "audience.to": (), "audience.cc": ()},
    ),
    ("takahe/Note-test_post.py-L264.json", "Post", {"content": "Hey World", "language": None}),
    (
        "mastodon/Create-mastodon-post-activity-contentmap.json",
        "Activity",
        {
            "starts(post.content)": '<p><span class="h-card">',
            "post.language": "en",
            "post.summary": "cw",
            "post.sensitive": True,
        },
    ),
    (
        "kroeg/Create-kroeg-array-less-hashtag.json",
        "Activity",
        {
            "actor": "https://puckipedia.com/",
            "post.attributed_to": "https://puckipedia.com/",
            "post.hashtags.0.name": "test",
            "post.shares": "https://puckipedia.com/ur33-818k/note/shares",
        },
    ),
    (
        "plume/Article-baptiste.gelex.xyz-article.json",
        "Post",
        {
            "attributed_to": "https://baptiste.gelez.xyz/@/BaptisteGelez",
            "len(audience.to)": 171,
            "audience.to.170": PUBLIC,
            "source": None,
            "likes": None,
            "len(mentions)": 2,
        },
    ),
    (
        "fediverse-pasture-inputs/Create-hashtag_jsonld_1.json",
        "Activity",
        {"post.hashtags.0.name": "test", "post.hashtags.0.href": None},
    ),
    ("fediverse-pasture-inputs/Create-object_types_12.json", "Activity", {"post.type": "Note"}),
    (
        "fediverse-pasture-inputs/Create-in_reply_to_3.json",
        "Activity",
        {"post.in_reply_to": "http://pasture-one-actor/assets/note1.jsonap"},
    ),
    ("fediverse-pasture-inputs/Create-url_11.json", "Activity", {"post.url": "https://notype.example/"}),
    ("fediverse-pasture-inputs/Create-public_addressing_2.json", "Activity", {"post.audience.to.0": PUBLIC}),
    (
        "fediverse-pasture-inputs/Create-image_attachments_15.json",
        "Activity",
        {
            "len(post.attachments)": 1,
            "post.attachments.0.url": "http://pasture-one-actor/images/007.png",
            "post.attachments.0.media_type": "image/png",
        },
    ),
    (
        "fediverse-pasture-inputs/Create-mentions_9.json",
        "Activity",
        {"len(post.mentions)": 1},
    ),
    # --- actors
    (
        "hubzilla/Person-kaniini_hubzilla.example.org.json",
        "Actor",
        {
            "id": "https://hubzilla.example.org/channel/kaniini",
            "type": "Person",
            "username": "kaniini",
            "url": "https://hubzilla.example.org/channel/kaniini",
            "shared_inbox": "https://hubzilla.example.org/inbox",
            "icon.media_type": "image/jpeg",
            "keys.0.id": "https://hubzilla.example.org/channel/kaniini/public_key_pem",
        },
    ),
    (
        "osada/Person-osada-user-indio.json",
        "Actor",
        {"keys.0.id": "https://apfed.club/channel/indio", "updated_ms": 1566345154000},
    ),
    (
        "mobilizon/Person-mobilizon.org-user-2.json",
        "Actor",
        {"name": "Thomas Citharel", "starts(keys.0.pem)": "-----BEGIN RSA PUBLIC KEY-----", "locked": False},
    ),
    (
        "peertube/Group-actor-videochannel.json",
        "Actor",
        {
            "type": "Group",
            "icon.width": 120,
            "image.width": 1920,
            "attributed_to": "https://spectra.video/accounts/fediforum",
        },
    ),
    (
        "misskey/Person-mametsuko_mk.absturztau.be-2.json",
        "Actor",
        {"locked": True, "discoverable": False, "featured": "https://mk.local/users/8ozbzjs3o8/collections/featured"},
    ),
    (
        "fedify/Person-hongminhee.json",
        "Actor",
        {
            "len(keys)": 3,
            "keys.0.id": "https://wizard.casa/users/hongminhee#main-key",
            "keys.2.id": "https://wizard.casa/users/hongminhee#ed25519-key",
            "keys.2.multibase": "z6MkweqJajqa5jRAJTBVxxu47oCdB7HzmYbBKN8VGbFJmKkC",
            "name": "洪 民憙 (Hong Minhee)",
        },
    ),
    (
        "mastodon/Application-relay_mastdon.example.org.json",
        "Actor",
        {"type": "Application", "name": None, "len(fields)": 2, "fields.0.name": "foo", "fields.0.value": "bar"},
    ),
    (
        "mastodon/Person-evil_remote.example_with_keyid_from_admin_mastdon.example.or.json",
        "Actor",
        # a key that says it is somebody else's, under an id on another host, is not this actor's
        {"username": "evil", "keys": (), "discoverable": True},
    ),
    (
        "gnusocial/Group-objects-group.json",
        "Actor",
        {"username": "hackers", "name": "Hackers!", "keys": ()},
    ),
    (
        "microblogpub/Person-user_with_invalid_also_known_as.json",
        "Actor",
        {"id": "https://mbp.example.com", "also_known_as": (), "username": "MBP"},
    ),
    (
        "wordpress/Group-objects-group.json",
        "Actor",
        {
            "id": "https://dbzer0.com/?author=0",
            "keys.0.id": "https://dbzer0.com/?author=0#main-key",
            "webfinger": "dbzer0.com@dbzer0.com",
            "indexable": True,
            "len(also_known_as)": 3,
            "len(fields)": 1,
        },
    ),
    (
        "bridgy-fed/Service-ap.brid.gy.as2.json",
        "Actor",
        {
            "type": "Service",
            "url": "https://fed.brid.gy/",
            "inbox": None,
            "image.url": "https://fed.brid.gy/static/bridgy_fed_banner.png",
        },
    ),
    (
        "gotosocial/Person-internaltoas_test.go-L268.json",
        "Actor",
        {
            "moved_to": "http://localhost:8080/users/1happyturtle",
            "also_known_as": ("http://localhost:8080/users/1happyturtle",),
            "icon.alt": "a green goblin looking nasty",
        },
    ),
    (
        "gotosocial/Person-internaltoas_test.go-L407.json",
        "Actor",
        {"len(emojis)": 1, "emojis.0.name": "rainbow"},
    ),
    (
        "nextcloud-social/Person-test_ok-L118.json",
        "Actor",
        {"name": None, "username": "cult", "icon.media_type": None},
    ),
    (
        "mastodon/Person-activitypub-actor-noinbox.txt-L9.json",
        "Actor",
        {
            "inbox": None,
            "icon.url": "https://quitter.no/avatar/7477-300-20160211190340.png",
            "image": None,
        },
    ),
    # --- activities
    (
        "mastodon/Follow-activities-follow.json",
        "Activity",
        {
            "type": "Follow",
            "id": "https://masto.asonix.dog/1ea87517-63c5-4118-8831-460ee641b2cf",
            "actor": "https://masto.asonix.dog/users/asonix",
            "object.id": "https://ds9.lemmy.ml/c/testcom",
            "object.raw": None,
        },
    ),
    (
        "mastodon/Reject-mastodon-reject-activity-2.json",
        "Activity",
        {"type": "Reject", "object.id": "https://testing.local/users/karen#follows/4", "object.type": "Follow"},
    ),
    (
        "mastodon/Undo-mastodon-undo-like-compact-object.json",
        "Activity",
        {"type": "Undo", "object.id": "http://mastodon.example.org/users/admin#likes/2", "object.type": None},
    ),
    (
        "mastodon/Delete-mastodon-delete-2.json",
        "Activity",
        {
            "type": "Delete",
            "object.id": "http://mastodon.example.org/users/gargron/statuses/99620895606148759",
            "object.type": "Tombstone",
        },
    ),
    (
        "gotosocial/Delete-internaltoas_test.go-L1223.json",
        "Activity",
        {"id": None, "type": "Delete", "audience.to": (PUBLIC,)},
    ),
    (
        "lemmy/Add-activities-community-add_featured_post.json",
        "Activity",
        {"type": "Add", "target.id": "https://ds9.lemmy.ml/c/main/featured"},
    ),
    (
        "pleroma/EmojiReact-emoji-reaction.json",
        "Activity",
        {"type": "EmojiReact", "content": "👌", "reaction.content": "👌"},
    ),
    (
        "gotosocial/Accept-internaltoas_test.go-L1621.json",
        "Activity",
        {"type": "Accept", "audience.to": ("http://fossbros-anonymous.io/users/foss_satan",)},
    ),
    (
        "kroeg/Announce-kroeg-announce-with-inline-actor.json",
        "Activity",
        {"actor": "https://puckipedia.com/", "audience.cc": ("http://mastodon.example.org/users/admin",)},
    ),
    (
        "go-ap/Create-activity_create_multiple_objects.json",
        "Activity",
        {"id": None, "len(objects)": 2, "objects.1.type": "Article"},
    ),
    (
        "fedify/Create-cross-origin-actor.json",
        "Activity",
        {"actor": "https://cross-origin.com/actor", "object": None},
    ),
    # --- collections and tombstones
    (
        "mastodon/OrderedCollection-featured_collection.json",
        "Collection",
        {
            "total_items": 5,
            "items.0.id": "https://example.com/users/alisaie/statuses/108311386746229284",
            "is_page": False,
        },
    ),
    (
        "mastodon/OrderedCollectionPage-masto_closed_followers_page-2.json",
        "Collection",
        {
            "is_page": True,
            "total_items": 437,
            "part_of": "http://remote.org/users/masto_closed/followers",
            "next": "http://remote.org/users/masto_closed/followers?page=2",
            "len(items)": 12,
        },
    ),
    (
        "fedify/Collection-inline-paged-collection.json",
        "Collection",
        {"first.id": None, "first.type": "CollectionPage"},
    ),
    (
        "lotide/Tombstone-objects-tombstone.json",
        "Tombstone",
        {"id": "https://narwhal.city/posts/12", "former_type": "Note"},
    ),
    # --- to be refused
    ("w3c-activitystreams/Note-number-as-id.json", "Malformed", {}),
    ("w3c-activitystreams/16-number-as-type.json", "Malformed", {}),
    ("w3c-activitystreams/Offer-number-as-actor.json", "Malformed", {}),
    ("w3c-activitystreams/Note-bad-character-set.json", "Malformed", {}),
    ("vernissage/Delete-ActivityDtoDeserializationFixtures.swift-L24.json", "Malformed", {}),
    ("mbin/Announce-AnnounceTest__testAnnounceCreateEntry__1.json", "Malformed", {}),
]
