import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyong.errors import ProofRefused
from xinyong.records.ledger.note import (
    COSIGNATURE,
    Checkpoint,
    Cosignature,
    Note,
    Signer,
    Verifier,
    cosignatures,
    cosigned,
    open_checkpoint,
    sign_checkpoint,
    sign_note,
)

# From the tests of the package golang.org/x/mod/sumdb/note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
NOTE = (
    TEXT + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqd"
    "ngotpRZb6KE6RyyBwJnAM=\n"
)

# A checkpoint that a public log of certificates has signed and witnesses have cosigned.
LOG = "arche2025h1.staging.ct.transparency.dev"
LOG_KEY = LOG + "+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
WITNESSES = [
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
]
CHECKPOINT = f"""{LOG}
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— {LOG} zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— {LOG} ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
"""  # noqa: E501 - signatures as they stand

SIGNER = Signer("example.com/ledger", bytes(range(32)))
WITNESS = Signer("example.org/witness", bytes(range(7, 39)), COSIGNATURE)
ROOT = bytes(range(100, 132))


def test_the_published_note_is_made_and_read() -> None:
    signer, verifier = Signer.from_text(PETER_PRIVATE), Verifier.from_text(PETER)
    assert signer.verifier == verifier
    assert (verifier.to_text(), signer.to_text()) == (PETER, PETER_PRIVATE)
    assert sign_note(TEXT, [signer]) == NOTE
    note = Note.read(NOTE)
    assert note.text == TEXT
    assert len(note.signed_by(verifier)) == 1
    assert PETER_PRIVATE[-20:] not in repr(signer)


def test_a_real_checkpoint_and_its_cosignatures_hold() -> None:
    found = open_checkpoint(CHECKPOINT, Verifier.from_text(LOG_KEY))
    assert (found.origin, found.size) == (LOG, 1432088532)
    assert found.to_text() == Note.read(CHECKPOINT).text
    witnesses = [Verifier.from_text(text) for text in WITNESSES]
    moment = 0x6A122120 * 1_000_000
    assert cosignatures(CHECKPOINT, witnesses) == [
        Cosignature("remora.n621.de", moment),
        Cosignature("witness1.smartit.nu/witness1", moment),
    ]
    forged = CHECKPOINT.replace("1432088532", "1432088533")
    for verifier in (Verifier.from_text(LOG_KEY), *witnesses):
        with pytest.raises(ProofRefused, match="does not hold"):
            Note.read(forged).signed_by(verifier)


def test_keys_of_others_read_and_write_back() -> None:
    for text in (
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
        "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop",
    ):
        assert Verifier.from_text(text).to_text() == text


def test_no_piece_of_a_key_and_no_changed_key_is_a_key() -> None:
    for start in range(len(PETER)):
        for stop in range(start + 1, len(PETER) + 1):
            if (start, stop) != (0, len(PETER)):
                with pytest.raises(ProofRefused):
                    Verifier.from_text(PETER[start:stop])
    for spot, letter in enumerate(PETER):
        with pytest.raises(ProofRefused):
            Verifier.from_text(PETER[:spot] + chr(ord(letter) + 1) + PETER[spot + 1 :])


@given(
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1).filter(
        lambda t: "+" not in t
    ),
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
)
def test_checkpoints_read_back(origin: str, size: int, root: bytes) -> None:
    signer = Signer(origin, bytes(32))
    checkpoint = Checkpoint(origin, size, root)
    note = sign_checkpoint(checkpoint, signer)
    assert open_checkpoint(note, signer.verifier) == checkpoint
    again = note + cosigned(note, WITNESS, 1_700_000_000_999_999)
    assert open_checkpoint(again, signer.verifier) == checkpoint
    assert cosignatures(again, [WITNESS.verifier]) == [
        Cosignature("example.org/witness", 1_700_000_000_000_000)
    ]
    assert cosignatures(note, [WITNESS.verifier]) == []


def test_every_bit_of_a_checkpoint_counts() -> None:
    note = sign_checkpoint(Checkpoint("example.com/ledger", 77, ROOT), SIGNER).encode()
    for spot in range(len(note) * 8):
        wrong = bytearray(note)
        wrong[spot // 8] ^= 1 << spot % 8
        with pytest.raises((ProofRefused, UnicodeDecodeError)):
            open_checkpoint(bytes(wrong).decode(), SIGNER.verifier)


def test_every_bit_of_a_cosignature_counts() -> None:
    note = sign_checkpoint(Checkpoint("example.com/ledger", 77, ROOT), SIGNER)
    line = cosigned(note, WITNESS, 1_700_000_000_000_000).encode()
    for spot in range(len(line) * 8):
        wrong = bytearray(line)
        wrong[spot // 8] ^= 1 << spot % 8
        try:
            found = cosignatures(note + bytes(wrong).decode(), [WITNESS.verifier])
        except (ProofRefused, UnicodeDecodeError):
            continue
        assert found == [], "a line by an unknown key is passed over"


def test_only_the_named_key_counts() -> None:
    checkpoint = Checkpoint("example.com/ledger", 77, ROOT)
    note = sign_checkpoint(checkpoint, SIGNER)
    other = Signer("example.com/ledger", bytes(range(1, 33)))
    with pytest.raises(ProofRefused, match="did not sign"):
        open_checkpoint(note, other.verifier)
    with pytest.raises(ProofRefused, match="did not sign"):
        open_checkpoint(note, Verifier("example.net/ledger", SIGNER.verifier.public))
    both = sign_note(checkpoint.to_text(), [other, SIGNER])
    assert open_checkpoint(both, SIGNER.verifier) == open_checkpoint(both, other.verifier)
    # A forged second line under a known key spoils the whole note.
    line = note.rsplit("\n\n", 1)[1]
    data = bytearray(base64.b64decode(line.split(" ")[2]))
    data[-1] ^= 1
    forged = f"— example.com/ledger {base64.b64encode(data).decode()}\n"
    with pytest.raises(ProofRefused, match="does not hold"):
        open_checkpoint(note + forged, SIGNER.verifier)
    # A witness's key cannot pass for the ledger's, nor the other way round.
    same = Signer("example.com/ledger", bytes(range(32)), COSIGNATURE)
    with pytest.raises(ProofRefused, match="did not sign"):
        open_checkpoint(note, same.verifier)
    with pytest.raises(ProofRefused, match="no witness"):
        cosigned(note, SIGNER, 0)
    assert cosignatures(note, [SIGNER.verifier]) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "a\n1\n",
        "a\n\n1\nAAAA\n",
        "a\n01\n{root}\n",
        "a\n-1\n{root}\n",
        "a\n1 \n{root}\n",
        "a\n١\n{root}\n",
        "a\n9223372036854775808\n{root}\n",
        "a\n1\n{root}=\n",
        "a\n1\n{root}",
        "\n1\n{root}\n",
        "a\n1\n{root}\n\nmore\n",
        "a\n1\nAAAA\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    root = base64.b64encode(ROOT).decode()
    assert Checkpoint.from_text(f"a\n1\n{root}\n").size == 1
    assert Checkpoint.from_text(f"a\n1\n{root}\nan extension\n").root == ROOT
    with pytest.raises(ProofRefused):
        Checkpoint.from_text(text.format(root=root))


def test_what_is_no_note_is_refused() -> None:
    for wrong in (
        "",
        TEXT,
        NOTE[:-1],
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("think", "th\tink"),
        NOTE.replace("PeterNeumann ", "Peter+Neumann "),
        NOTE.replace("PeterNeumann ", "Peter\u2003Neumann "),
        NOTE.replace("AM=\n", "AN=\n"),
        NOTE + "\n",
        NOTE + "text\n",
        "x" * 200_000 + NOTE,
        TEXT + "\n— PeterNeumann x08gow==\n",
    ):
        with pytest.raises(ProofRefused):
            Note.read(wrong)
    for text in ("no line feed", "\ud800\n", "a\rb\n"):
        with pytest.raises((ProofRefused, UnicodeEncodeError)):
            sign_note(text, [SIGNER])


def test_noise_never_reads_as_signed() -> None:
    chance = random.Random(2)
    pieces = [*NOTE.split(" "), "\n\n", "— ", "PeterNeumann", "A" * 92, "\n"]
    verifier = Verifier.from_text(PETER)
    for _ in range(3000):
        text = "".join(chance.choices(pieces, k=chance.randrange(1, 12)))
        try:
            found = Note.read(text).signed_by(verifier)
        except ProofRefused:
            continue
        assert found == []
