"""Encrypted contents for the demo mailbox: well-formed outside, noise inside, so that no key opens them."""

from __future__ import annotations

import base64
import hashlib

OPENPGP_CRC = 0xB704CE, 0x1864CFB  # RFC 9580, section 6.1: start value and generator of the checksum


def encrypt_smime(seed: str) -> bytes:
    """A CMS EnvelopedData for one recipient, RSA and AES-256 (RFC 5652, section 6)."""
    issuer = der(0x30, der(0x31, der(0x30, oid("550403"), der(0x0C, b"Demo CA"))))
    key_algorithm = der(0x30, oid("2a864886f70d010101"), der(0x05))
    recipient = der(0x30, integer(0), der(0x30, issuer, integer(17)), key_algorithm, der(0x04, noise(seed + " key", 256)))
    cipher = der(0x30, oid("60864801650304012a"), der(0x04, noise(seed + " iv", 16)))
    content = der(0x30, oid("2a864886f70d010701"), cipher, der(0x80, noise(seed, 2048)))
    return der(0x30, oid("2a864886f70d010703"), der(0xA0, der(0x30, integer(0), der(0x31, recipient), content)))


def der(tag: int, *contents: bytes) -> bytes:
    """One DER value: tag, length, contents."""
    data = b"".join(contents)
    if len(data) < 0x80:
        return bytes([tag, len(data)]) + data
    size = len(data).to_bytes((len(data).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + data


def oid(encoded: str) -> bytes:
    """An object identifier, given as the hexadecimal digits of its contents."""
    return der(0x06, bytes.fromhex(encoded))


def integer(value: int) -> bytes:
    """A small non-negative integer."""
    return der(0x02, bytes([value]))


def encrypt_openpgp(seed: str) -> bytes:
    """An armoured OpenPGP message: a session key for one RSA key, and the encrypted data (RFC 9580)."""
    session = b"\x03" + noise(seed + " key id", 8) + b"\x01" + (2048).to_bytes(2, "big") + b"\x80" + noise(seed + " key", 255)
    data = packet(1, session) + packet(18, b"\x01" + noise(seed, 1500))
    encoded = base64.b64encode(data).decode()
    lines = [encoded[start : start + 64] for start in range(0, len(encoded), 64)]
    check = "=" + base64.b64encode(checksum(data).to_bytes(3, "big")).decode()
    return "\n".join(["-----BEGIN PGP MESSAGE-----", "", *lines, check, "-----END PGP MESSAGE-----", ""]).encode()


def packet(tag: int, data: bytes) -> bytes:
    """A packet with a two-octet length (192 to 8383 octets)."""
    size = len(data) - 192
    return bytes([0xC0 | tag, (size >> 8) + 192, size & 0xFF]) + data


def checksum(data: bytes) -> int:
    """The CRC-24 that ends an armoured message."""
    value, generator = OPENPGP_CRC
    for octet in data:
        value ^= octet << 16
        for _ in range(8):
            value <<= 1
            if value & 0x1000000:
                value ^= generator
    return value


def noise(seed: str, size: int) -> bytes:
    """So many octets that look random and are the same at every build."""
    return hashlib.shake_256(seed.encode()).digest(size)
