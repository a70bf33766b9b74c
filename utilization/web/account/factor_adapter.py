"""Second factors: their secrets lie in the database encrypted by a key that does not; and a secret as a picture."""

import base64
import hashlib
from io import BytesIO

import qrcode
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from qrcode.image.svg import SvgPathFillImage


class FactorAdapter(DefaultMFAAdapter):
    """Encrypts with a key made of SECRET_KEY: a copy of the database alone opens nothing.

    With another SECRET_KEY what was kept before opens no more, and is added anew.
    """

    def build_totp_svg(self, url: str) -> str:
        # On white, so that a telephone reads it in the dark theme too.
        drawn = BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage).save(drawn)
        return drawn.getvalue().decode()

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise ValueError("This secret was kept under another SECRET_KEY.") from None


def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"second factors\n" + settings.SECRET_KEY.encode()).digest()))
