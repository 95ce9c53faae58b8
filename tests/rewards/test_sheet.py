"""A stock of codes, read from a file that may come from anywhere."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.base.refusal import Refusal
from tenfold.rewards import code_sheet
from tenfold.rewards.code_sheet import read_codes_csv


@pytest.mark.parametrize(
    ("data", "codes", "repeated"),
    [
        (b"A1\nB2\n", ["A1", "B2"], 0),
        (b"A1\r\nB2", ["A1", "B2"], 0),
        (b"A1\rB2\r", ["A1", "B2"], 0),
        (b"code\nA1\n", ["A1"], 0),
        (b"Codes,note\nA1,first\nB2,second\n", ["A1", "B2"], 0),
        (codecs.BOM_UTF8 + b"code\nA1\n", ["A1"], 0),
        ("兑换码,备注\nA1,给小明\n".encode("gb18030"), ["A1"], 0),
        ("券码\nA1\n".encode(), ["A1"], 0),
        ("茶-01\n".encode("gb18030"), ["茶-01"], 0),
        ("茶-01\n".encode(), ["茶-01"], 0),
        (b'"A,1"\n"B ""2"""\n', ["A,1", 'B "2"'], 0),
        (b" A1 \n\n,\nB2\n", ["A1", "B2"], 0),
        (b",A1\n,B2\n", ["A1", "B2"], 0),
        (b"B2\nA1\nB2\nB2\n", ["B2", "A1"], 2),
        (b"a1\nA1\n", ["a1", "A1"], 0),
        (b"code\nA1\ncode\n", ["A1", "code"], 0),
        (b"code:\nABC\nDEF1\n", ["ABC", "DEF1"], 0),
        ("兑换码：,备注\n茶-01,给小明\n".encode(), ["茶-01"], 0),
        (b"serial,Code,note\n1,A1,first\n2,B2\n3\n4,,lost\n", ["A1", "B2"], 0),
        ("\n序号,兑换码\n1,茶-01\n".encode(), ["茶-01"], 0),
        (b"serial,Coupon_Code\n1,A1\n2,B2\n", ["A1", "B2"], 0),
        ("序号,激活码,面值\n1,茶-01,5\n".encode(), ["茶-01"], 0),
        (b"coupon,code\nTen off,A1\nTen off,B2\n", ["A1", "B2"], 0),
        (b"code\nWELCOME\nA1\nB2\n", ["WELCOME", "A1", "B2"], 0),
        (b"WELCOME\nSUMMER\n", ["WELCOME", "SUMMER"], 0),
        (b"WELCOME\n", ["WELCOME"], 0),
        (b"0001\n1e5\n=1+1\n", ["0001", "1e5", "=1+1"], 0),
        (b"x" * 200, ["x" * 200], 0),
    ],
)
def test_codes_come_in_the_order_of_the_file_each_once(data: bytes, codes: list[str], repeated: int) -> None:
    sheet = read_codes_csv(data)
    assert (sheet.codes, sheet.repeated) == (codes, repeated)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "file_empty"),
        (codecs.BOM_UTF8, "file_empty"),
        (b"\n\r\n ,\n", "file_empty"),
        (b"code\n", "file_empty"),
        (b"1,A1\n2,B2\n", "which_column"),
        (b"serial,gift\n1,A1\n2,B2\n", "which_column"),
        ("编号,内容\n1,茶-01\n".encode("gb18030"), "which_column"),
        (b"My gifts\nA1\nB2\n", "unknown_heading"),
        ("券\nA1\nB2\n".encode(), "unknown_heading"),
        (b"Serial_Number\nABC\nDEF\n", "unknown_heading"),
        (b"PIN:\nABC\nDEF1\n", "unknown_heading"),
        (b"A1\n,B2\nC3\n", "which_column"),
        (b" A1 \n\n,something here\nB2\n", "which_column"),
        (b"coupon,voucher\nSpring sale,ABC123\n", "which_column"),
        (b"code,note,Codes\nA1,x,B2\n", "which_column"),
        (b"Spring coupons\ncode\nA1\nB2\n", "heading_below"),
        (b"Spring coupons,\nserial,Coupon Code:\n1,A1\n", "heading_below"),
        (b"A1\nB2\nVoucher\nC3\n", "heading_below"),
        ("春季券\n编号：\nA1\n".encode("gb18030"), "heading_below"),
        (b"A1\ncode\n", "heading_below"),
        ("A1\nB2\n".encode("utf-16"), "bad_encoding"),
        ("A1\n".encode("utf-16-be"), "bad_encoding"),
        ("caf\u00e9\n".encode("latin-1"), "bad_encoding"),
        (b"A1\n\x00\n", "bad_encoding"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "bad_encoding"),
        (b"PK\x03\x04\x14\x00\x06\x00", "bad_encoding"),
        (b"x" * 201, "bad_code"),
        (b"A1\nB\t2\n", "bad_code"),
        ("A\u200b1\n".encode(), "bad_code"),
        (b'A1\n"never closed\nB2\n', "bad_code"),
        (b'"' + b"x" * 140_000 + b'"', "bad_csv"),
        (b"x" * (5 * 1024 * 1024 + 1), "file_too_large"),
        (b"".join(b"%d\n" % number for number in range(200_001)), "too_many_codes"),
    ],
)
def test_a_file_with_a_fault_is_refused_whole(data: bytes, why: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_codes_csv(data)
    assert (refused.value.code, refused.value.status) == (why, 400)


def test_the_refusal_says_which_code_is_bad() -> None:
    with pytest.raises(Refusal, match="Code 2 "):
        read_codes_csv(b"code\nA1\nB\x072\n")


def test_the_refusal_names_the_line_that_looks_like_a_heading() -> None:
    with pytest.raises(Refusal, match="“My gifts”, looks like a heading"):
        read_codes_csv(b"My gifts\nA1\nB2\n")


def test_the_refusal_names_the_heading_below_the_first_line() -> None:
    with pytest.raises(Refusal, match="“code” looks like a heading, and is not in the first line"):
        read_codes_csv(b"Spring coupons\ncode\nA1\nB2\n")


WORDS = st.sampled_from(["", "A1", "B2", "ABC", "code", "Code:", "券码：", "name", "coupon", "Spring sale"])


@given(rows=st.lists(st.lists(WORDS, min_size=1, max_size=3), max_size=5))
def test_no_heading_is_given_out_where_none_heads_the_codes_and_no_column_is_dropped(
    rows: list[list[str]],
) -> None:
    filled = [row for row in rows if any(row)]
    try:
        sheet = read_codes_csv("\n".join(",".join(row) for row in rows).encode())
    except Refusal:
        return
    if not code_sheet.CODE_HEADINGS & {code_sheet._heading(cell) for cell in filled[0]}:
        assert set(sheet.codes) == {cell for row in filled for cell in row if cell}
        assert set(sheet.codes) <= {"A1", "B2", "ABC", "Spring sale"}


@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_and_never_a_surprise(data: bytes) -> None:
    try:
        sheet = read_codes_csv(data)
    except Refusal as refusal:
        assert refusal.status == 400  # noqa: PT017
    else:
        assert len(set(sheet.codes)) == len(sheet.codes) > 0
        assert all(1 <= len(code) <= code_sheet.LONGEST_CODE and code.isprintable() for code in sheet.codes)
