"""QR codes that a page may hold: no style, no size, black on white."""

from config.lib.qr_codes import draw_qr


def test_a_code_is_paths_alone():
    drawn = draw_qr("L" + "A" * 40)

    assert drawn.startswith("<svg ")
    assert "style" not in drawn
    assert "AAAA" not in drawn
    assert 'viewBox="0 0 37 37"' in drawn


def test_another_text_is_another_picture():
    assert draw_qr("A") != draw_qr("B")
