"""Addresses of keepsakes: what is issued, and the gate."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from tenfold.console import check_in, issuing, keepsakes

_ALL = "campaigns/<uuid:campaign_id>/keepsakes/"
_EDITION = f"{_ALL}editions/<uuid:edition_id>/"
_ONE = f"{_ALL}<uuid:keepsake_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(_ALL, keepsakes.keepsakes, name="keepsakes"),
    path(f"{_ALL}new/", keepsakes.new_edition, name="new_edition"),
    path(_EDITION, keepsakes.edition, name="edition"),
    path(f"{_EDITION}issue/", issuing.issue, name="issue"),
    path(f"{_EDITION}issue/undo/", issuing.take_back, name="take_back_issued"),
    path(f"{_EDITION}issue/<uuid:journey_id>.jpg", issuing.preview, name="issue_preview"),
    path(f"{_EDITION}issue/one/", issuing.issue_one, name="issue_one"),
    path(_ONE, keepsakes.keepsake, name="keepsake"),
    path(f"{_ONE}picture.<str:kind>", keepsakes.picture, name="keepsake_picture"),
    path(f"{_ONE}revoke/", keepsakes.revoke, name="revoke_keepsake"),
    path(f"{_ONE}restore/", keepsakes.restore, name="restore_keepsake"),
    path(f"{_ALL}gate/", check_in.check_in, name="check_in"),
    path(f"{_ALL}gate/<uuid:keepsake_id>/undo/", check_in.undo_check_in, name="undo_check_in"),
]
