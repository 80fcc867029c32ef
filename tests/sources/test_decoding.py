"""The characters of pages, whatever says how they are encoded, and when nothing does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarize.sources.decoding import decode_page

TURKISH = "Dışişleri Bakanı Şahin, Iğdır'da Öğretmenoğlu ile görüştü: “Dostluğumuz güçlüdür.”"
META = '<meta charset="{}">'
OLD_META = '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset={}">'
XML = "<?xml version='1.0' encoding='{}'?>"


@pytest.mark.parametrize("encoding", ["windows-1254", "ISO-8859-9"])
@pytest.mark.parametrize("said", [META, OLD_META, XML])
def test_what_the_page_says(encoding: str, said: str) -> None:
    page = said.format(encoding) + TURKISH
    assert decode_page(page.encode("windows-1254")) == page


def test_what_the_server_says_comes_before_the_page() -> None:
    page = META.format("windows-1251") + TURKISH
    assert decode_page(page.encode("windows-1254"), "windows-1254") == page


@pytest.mark.parametrize("declared", [None, "iso-8859-1", "nonsense"])
def test_utf_8_is_known_by_itself(declared: str | None) -> None:
    page = META.format("iso-8859-1") + TURKISH
    assert decode_page(page.encode(), declared) == page


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_wide_characters(encoding: str) -> None:
    page = "<html>" + META.format("utf-16") + TURKISH
    assert decode_page(page.encode(encoding)).removeprefix("\ufeff") == page


def test_a_byte_order_mark_counts_where_a_byte_is_broken() -> None:
    page = META.format("windows-1254") + TURKISH
    assert decode_page(b"\xef\xbb\xbf" + page.encode() + b"\xe9") == f"{page}\ufffd"


def test_a_label_that_python_does_not_know() -> None:
    text = "Министры встретились в Москве."
    assert decode_page(text.encode("mac_cyrillic"), "x-mac-cyrillic") == text


def test_a_page_that_says_utf_16_in_single_bytes_is_not_that() -> None:
    page = META.format("utf-16") + TURKISH
    assert decode_page(page.encode()) == page


def test_latin_1_means_the_larger_set_of_windows() -> None:
    assert decode_page("“Été” – 5 €".encode("cp1252"), "iso-8859-1") == "“Été” – 5 €"


def test_what_nothing_is_said_of_is_guessed() -> None:
    text = "Министры встретились в Москве и обсудили торговлю и безопасность. " * 5
    assert decode_page(text.encode("cp1251")) == text


@pytest.mark.parametrize("label", ["rot13", "idna", "unicode_escape", "\ud800"])
def test_codecs_that_are_no_charsets(label: str) -> None:
    assert decode_page(TURKISH.encode(), label) == TURKISH


@settings(max_examples=40, deadline=None)
@given(
    st.binary(max_size=300), st.none() | st.text(max_size=20) | st.sampled_from(["utf-8", "big5"])
)
def test_any_bytes_give_a_text(data: bytes, declared: str | None) -> None:
    decode_page(data, declared).encode("utf-8")


@given(st.text())
def test_any_text_comes_back_from_utf_8(text: str) -> None:
    if not text.startswith(("\ufeff", "<\0", "\0<")):
        assert decode_page(text.encode()) == text


def test_a_broken_byte_costs_one_character() -> None:
    data = b"<html lang=en><meta charset=utf-8><p>The caf\xe9 of Oslo " + "“one quote”".encode()
    assert decode_page(data, "utf-8").endswith("The caf\ufffd of Oslo “one quote”")
    assert decode_page(data).endswith("The caf\ufffd of Oslo “one quote”")


@pytest.mark.parametrize(
    ("label", "encoding", "text"),
    [
        ("x-sjis", "cp932", "外相会談が東京で開かれた"),
        ("big5", "big5hkscs", "兩國外長會晤"),
        ("iso-8859-7", "iso-8859-7", "Οι υπουργοί συναντήθηκαν"),
    ],
)
def test_labels_of_the_web(label: str, encoding: str, text: str) -> None:
    data = f"<meta charset={label}><p>{text}".encode(encoding)
    assert decode_page(data).endswith(text)
    assert decode_page(f"<p>{text}".encode(encoding), label.upper()).endswith(text)
