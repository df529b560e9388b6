"""Import this first: the command, and each of its workers, then starts in half the time.

jsonschema takes more than a second to build a grammar of internationalised addresses, where the package for it is
installed. No notebook's schema asks for one, and jsonschema does without.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
