"""A small phrase table, English and German. Several English phrases share a German one, so that few come back as
they went.
"""

from collections.abc import Mapping

__all__ = ["ENGLISH_OF", "GERMAN_OF"]

# German: how it comes back, and what else goes there
_PHRASES: Mapping[str, tuple[str, ...]] = {
    "der film war": ("the film was", "the movie was", "the picture was"),
    "der film": ("the film", "the movie", "the picture"),
    "ein film": ("a film", "a movie"),
    "dieser film": ("this film", "this movie"),
    "ich mochte": ("i liked", "i enjoyed"),
    "ich mochte nicht": ("i did not like", "i disliked", "i did not enjoy"),
    "hat mir gefallen": ("pleased me", "was to my liking"),
    "ich habe gesehen": ("i have seen", "i saw", "i watched"),
    "sehr": ("very", "really", "extremely"),
    "ziemlich": ("rather", "quite", "fairly"),
    "großartig": ("magnificent", "great", "terrific"),
    "wunderbar": ("wonderful", "lovely", "marvellous"),
    "gut": ("good", "fine"),
    "schlecht": ("bad", "poor"),
    "furchtbar": ("terrible", "awful", "dreadful"),
    "langweilig": ("boring", "dull", "tedious"),
    "spannend": ("exciting", "thrilling", "gripping"),
    "traurig": ("sad", "sorrowful"),
    "lustig": ("funny", "amusing", "hilarious"),
    "langsam": ("slow", "sluggish"),
    "schnell": ("fast", "quick", "rapid"),
    "lang": ("long", "lengthy"),
    "kurz": ("short", "brief"),
    "die geschichte": ("the story", "the tale", "the plot"),
    "eine geschichte": ("a story", "a tale", "a plot"),
    "die schauspieler": ("the actors", "the cast"),
    "waren": ("were",),
    "war": ("was",),
    "ist": ("is",),
    "das ende": ("the ending", "the end", "the finale"),
    "am anfang": ("at the beginning", "at first", "in the beginning"),
    "am ende": ("at the end", "in the end", "finally"),
    "von anfang bis ende": ("from beginning to end", "from start to finish"),
    "und": ("and",),
    "aber": ("but", "yet"),
    "weil": ("because", "since"),
    "mit": ("with",),
    "ohne": ("without",),
    "nicht": ("not",),
    "niemals": ("never",),
    "immer": ("always",),
    "die musik": ("the music", "the score"),
    "ein meisterwerk": ("a masterpiece", "a master piece"),
    "eine zeitverschwendung": ("a waste of time",),
    "jeder": ("everyone", "everybody"),
    "ich": ("i",),
    "ein kind": ("a child", "a kid"),
    "kinder": ("children", "kids"),
    "das haus": ("the house", "the home"),
    "der arzt": ("the doctor", "the physician"),
    "das auto": ("the car", "the automobile"),
    "die katze": ("the cat",),
    "der hund": ("the dog", "the hound"),
    "klein": ("small", "little", "tiny"),
    "groß": ("big", "large", "huge"),
    "schön": ("beautiful", "pretty"),
    "glücklich": ("happy", "glad"),
    "beginnt": ("begins", "starts"),
    "endet": ("ends", "finishes"),
}

ENGLISH_OF: Mapping[str, str] = {german: english[0] for german, english in _PHRASES.items()}
GERMAN_OF: Mapping[str, str] = {phrase: german for german, english in _PHRASES.items() for phrase in english}
