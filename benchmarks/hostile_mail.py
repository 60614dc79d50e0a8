"""A mail with files, as the hostile benchmark scans them."""

from __future__ import annotations

from email.message import EmailMessage


def mail(files: dict[str, bytes], text: str) -> bytes:
    """A mail with a body and files."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "bo@uni.example", "ida@uni.example", "Bilag"
    message.set_content(text)
    for name, data in files.items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()
