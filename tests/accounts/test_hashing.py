"""How passwords are kept outside the test settings."""

from django.contrib.auth.hashers import check_password, make_password

from canvascast.settings import accounts


def test_passwords_are_kept_by_argon2(settings):
    settings.PASSWORD_HASHERS = accounts.PASSWORD_HASHERS

    kept = make_password("correct horse battery staple")

    assert kept.startswith("argon2$argon2id$")
    assert check_password("correct horse battery staple", kept)
    assert not check_password("another", kept)
