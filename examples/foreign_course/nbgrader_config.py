"""An ordinary nbgrader course: nothing in it knows who will grade it."""

c = get_config()  # noqa: F821 - nbgrader defines it
c.CourseDirectory.course_id = "statistics-1"
