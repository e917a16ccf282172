"""Mail: a letter is a row, written in the same transaction as what it tells of, and sent afterwards.

`letters.py` writes letters and knows their states; `postman.py` hands them to the mail server. Texts are written by
who sends them, in the reader's language.

    await mail.post(tx, ctx, to=person.email, subject=_("Your new password"), text=…)
"""

from node.runtime.mail.letters import configured, post
from node.runtime.mail.postman import Postman

__all__ = ["Postman", "configured", "post"]
