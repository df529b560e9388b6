"""Authored notebooks (``solutions/NN_topic.py``) → what students get, and what instructors read.

One text is the only copy that anybody edits. ``source_from_text`` turns it into nbgrader's source notebook;
nbgrader's ``generate_assignment`` turns that into ``course/``; run, it becomes the executed notebook beside the
text. ``build`` writes all of it, ``check_build`` says what is stale or shows what students must not see.

A cell's marker line says what the cell is::

    # %% [markdown] id="why"                              text
    # %% id="imports"                                     code, the student's to change
    # %% id="write_relu" solution=true                    the student writes what stands in a solution region
    # %% id="check_relu" test=true points=2               graded; or points=0 bonus=2
    # %% [markdown] id="question_dying" question=true points=3    graded by hand: question, rubric, model answer
    # %% id="figure" show=true                            not run while grading
    # %% id="worked_example" promise=true                 tests compare its stored output

``predict=true`` marks a cell where a student makes a prediction, ``locked=true`` one that students cannot
change, ``tags=[...]`` gives Jupyter tags, ``teaches=[...]`` names statements of the syllabus.
"""

from autograder.building.authoring import source_from_text as source_from_text
from autograder.building.freshness import build as build
from autograder.building.freshness import check_build as check_build
from autograder.building.markers import BuildError as BuildError
from autograder.building.project import Project as Project
from autograder.building.project import Unit as Unit
from autograder.building.project import write_course as write_course
from autograder.building.project import write_source as write_source
from autograder.building.release import COURSE_CONFIG as COURSE_CONFIG
