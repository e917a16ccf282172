"""Who may reply, in the words of pages and forms."""

from typing import Final

from node.runtime.i18n import Sentence, sentence
from node.timeline.replies import Who

CHOICES: Final[dict[Who, Sentence]] = {
    "everyone": sentence("Everybody"),
    "held_but_followers": sentence("Followers at once; everybody else once the team has read the reply"),
    "held": sentence("Everybody, once the team has read the reply"),
    "followers": sentence("Followers only"),
    "mentioned": sentence("Only the accounts that the post names, and those of the team"),
    "nobody": sentence("Nobody"),
}
