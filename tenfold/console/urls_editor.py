"""Addresses of the tabs that set a campaign up."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from tenfold.console import codes, editor, editor_poster, editor_reward, editor_words, groups

_ONE = "campaigns/<uuid:campaign_id>/"
_GROUP = f"{_ONE}groups/<uuid:group_id>/"

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
    path(f"{_ONE}poster/", editor_poster.poster, name="poster"),
    path(f"{_ONE}poster/preview/", editor_poster.preview, name="poster_preview"),
    path(f"{_ONE}poster/<str:language>.<str:kind>", editor_poster.download, name="poster_file"),
    path(f"{_ONE}reward/", editor_reward.reward, name="reward"),
    path(f"{_ONE}reward/stock/", editor_reward.restock, name="restock"),
    path(f"{_ONE}codes/", codes.channels, name="codes"),
    path(f"{_ONE}codes/<uuid:code_id>/qr.png", codes.qr, name="code_qr"),
    path(f"{_ONE}codes/<uuid:code_id>/poster.png", codes.poster, name="code_poster"),
]
