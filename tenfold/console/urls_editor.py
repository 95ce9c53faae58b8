"""Addresses of the tabs that set a campaign up."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from tenfold.console import (
    codes,
    designer,
    designer_answers,
    editor,
    editor_poster,
    editor_words,
    groups,
    renders,
    room,
)

_ONE = "campaigns/<uuid:campaign_id>/"
_GROUP = f"{_ONE}groups/<uuid:group_id>/"
_DESIGN = f"{_ONE}designs/<uuid:design_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{_ONE}plan/", editor.plan, name="plan"),
    path(f"{_ONE}plan/removal/", editor.dry_run, name="dry_run"),
    path(f"{_ONE}words/", editor_words.words, name="words"),
    path(f"{_ONE}words/preview/", editor_words.preview, name="words_preview"),
    path(f"{_ONE}groups/", groups.pool, name="groups"),
    path(f"{_ONE}groups/add/", groups.add, name="add_group"),
    path(f"{_ONE}groups/order/", groups.reorder, name="order_groups"),
    path(f"{_GROUP}change/", groups.change, name="change_group"),
    path(f"{_GROUP}state/", groups.set_state, name="group_state"),
    path(f"{_GROUP}qr/", groups.set_qr, name="group_qr"),
    path(f"{_GROUP}qr.png", groups.qr_picture, name="group_qr_picture"),
    path(f"{_GROUP}count/", groups.count, name="count_group"),
    path(f"{_GROUP}room/", room.show, name="room"),
    path(f"{_GROUP}room/<uuid:post_id>/hide/", room.hide, name="hide_post"),
    path(f"{_GROUP}room/<uuid:post_id>/show/", room.show_again, name="show_post"),
    path(f"{_ONE}poster/", editor_poster.poster, name="poster"),
    path(f"{_ONE}poster/preview/", editor_poster.preview, name="poster_preview"),
    path(f"{_ONE}poster/<str:language>.<str:kind>", editor_poster.download, name="poster_file"),
    path(f"{_ONE}designs/", designer.designs, name="designs"),
    path(f"{_ONE}designs/new/", designer.begin, name="new_design"),
    path(f"{_ONE}designs/preview/", designer_answers.preview, name="design_preview"),
    path(f"{_ONE}designs/save/", designer_answers.save, name="save_design"),
    path(f"{_ONE}designs/picture/", designer_answers.upload, name="design_upload"),
    path(
        f"{_ONE}designs/ready/<str:ready>.<str:language>.jpg", designer_answers.ready_card, name="ready_card"
    ),
    path(_DESIGN, designer.show, name="design"),
    path(f"{_DESIGN}card.<str:language>.jpg", designer_answers.own_card, name="design_card"),
    path(f"{_DESIGN}<int:number>/", designer_answers.version, name="design_version"),
    path(f"{_DESIGN}<int:number>/<str:language>.<str:kind>", designer_answers.file, name="design_file"),
    path(f"{_ONE}renders/", renders.renders, name="renders"),
    path(f"{_ONE}renders/now/", renders.now, name="renders_now"),
    path(f"{_ONE}renders/<uuid:run_id>/", renders.change, name="change_render"),
    path(f"{_ONE}renders/<uuid:run_id>.<str:form>", renders.file, name="render_file"),
    path(f"{_ONE}codes/", codes.channels, name="codes"),
    path(f"{_ONE}codes/<uuid:code_id>/qr.png", codes.qr, name="code_qr"),
    path(f"{_ONE}codes/<uuid:code_id>/poster.png", codes.poster, name="code_poster"),
]
