"""What a folder may ask for is what the engine has."""

from osler.review import question
from osler.synthesis import CI_METHODS, TAU2_METHODS


def test_a_folder_may_name_no_method_that_the_engine_lacks() -> None:
    assert set(question.TAU2_METHODS) <= set(TAU2_METHODS)
    assert set(question.CI_METHODS) <= set(CI_METHODS)
