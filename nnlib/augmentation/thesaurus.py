"""A small table of synonyms, embedded: words of film reviews and of everyday life, lower case."""

from collections.abc import Mapping

__all__ = ["SYNONYMS"]

_GROUPS = """
good fine
great magnificent terrific
wonderful lovely marvellous
bad poor
terrible awful dreadful
boring dull tedious
exciting thrilling gripping
funny amusing hilarious
sad sorrowful
slow sluggish
fast quick rapid
long lengthy
short brief
small little tiny
big large huge
beautiful pretty handsome
happy glad cheerful
angry furious cross
clever smart bright
strange odd peculiar
easy simple effortless
hard difficult tough
film movie picture
story tale plot
ending finale close
cast actors
music score
doctor physician
child kid
house home
car automobile
job task
begins starts
ends finishes
liked enjoyed
watched saw
looked gazed
walked strolled
said stated remarked
bought purchased
very really extremely
rather quite fairly
often frequently
always forever
quickly rapidly swiftly
slowly gradually
"""

_LISTS = [line.split() for line in _GROUPS.strip().splitlines()]
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    word: tuple(other for other in words if other != word) for words in _LISTS for word in words
}
