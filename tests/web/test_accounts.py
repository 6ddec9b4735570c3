"""Who may do what."""

import pytest
from django.contrib.auth.models import AnonymousUser

from osler.web.accounts.models import Clinic, Membership, Role, User
from osler.web.accounts.policies import ACTIONS, may

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    return Clinic.objects.create(slug="one", name="Clinic one")


def member(clinic, role, **more):
    user = User.objects.create(username=f"{clinic.slug}-{role}", **more)
    Membership.objects.create(user=user, clinic=clinic, role=role)
    return user


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", [*ACTIONS, "nobody.knows"])
def test_the_matrix_is_the_table(clinic, role, action):
    user = member(clinic, role)
    assert may(user, action, clinic) is (role in ACTIONS.get(action, ()))
    other = Clinic.objects.create(slug="two", name="Clinic two")
    assert not may(user, action, other)
    user.is_active = False
    assert not may(user, action, clinic)
    assert not may(AnonymousUser(), action, clinic)
