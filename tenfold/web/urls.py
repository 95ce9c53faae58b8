"""Addresses of the pages that people on the phone see."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from tenfold.web import board, draws, earned, examples, front, keepsakes, ledger, line, me, pictures, room

app_name = "web"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", front.home, name="home"),
    path("language", front.language, name="language"),
    path("g/<uuid:group_id>/", room.show, name="room"),
    path("g/<uuid:group_id>/join", room.join, name="join"),
    path("g/<uuid:group_id>/post", room.post, name="post"),
    path("g/<uuid:group_id>/members", room.members, name="members"),
    path("me/<uuid:campaign_id>/", me.show, name="me"),
    path("me/<uuid:campaign_id>/proof", me.proof, name="proof"),
    path("me/<uuid:campaign_id>/appeal", me.appeal, name="appeal"),
    path("me/<uuid:campaign_id>/attend", earned.attend, name="attend"),
    path("me/<uuid:campaign_id>/ledger", ledger.show, name="ledger"),
    path("me/<uuid:campaign_id>/rewards/<slug:number>/claim", me.claim, name="claim"),
    path("me/<uuid:campaign_id>/rewards/<slug:number>/file", earned.file, name="reward_file"),
    path("me/<uuid:campaign_id>/leave", me.leave, name="leave"),
    path("me/<uuid:campaign_id>/profile", me.profile, name="profile"),
    path("me/<uuid:campaign_id>/keepsakes/", keepsakes.mine, name="keepsakes"),
    path("me/<uuid:campaign_id>/keepsakes/<slug:number>/shown", keepsakes.choose, name="keepsake_shown"),
    path(
        "me/<uuid:campaign_id>/keepsakes/<slug:number>.<slug:extension>",
        keepsakes.picture,
        name="keepsake_picture",
    ),
    path("k/", keepsakes.verify, name="keepsake_ask"),
    path("k/<str:number>", keepsakes.verify, name="keepsake"),
    path("K/<str:number>", keepsakes.verify),  # as the QR has it
    path("p/<str:page_key>", me.personal_link, name="personal_link"),
    path("board/<uuid:campaign_id>/", board.show, name="board"),
    path("draw/<uuid:draw_id>/", draws.show, name="draw"),
    path("draw/<uuid:draw_id>.json", draws.published, name="draw_file"),
    path("line/<uuid:campaign_id>/", line.show, name="line"),
    path("poster/<slug:slug>.png", pictures.poster, {"extension": "png"}, name="poster_png"),
    path("poster/<slug:slug>.jpg", pictures.poster, {"extension": "jpg"}, name="poster"),
    path("poster/<slug:slug>.webp", pictures.poster, {"extension": "webp"}, name="poster_webp"),
    *(
        path(
            f"poster/<slug:slug>/<slug:language>/<slug:etag>.{extension}",
            pictures.poster_for_good,
            {"extension": extension},
            name=f"poster_for_good_{extension}",
        )
        for extension in pictures.POSTER_TYPES
    ),
    path("example/<slug:slug>/<slug:language>/<slug:etag>.jpg", examples.drawn, name="example"),
    path("example/<uuid:campaign_id>/<slug:sha>", examples.chosen, name="example_chosen"),
    path("picture/<uuid:picture_id>", pictures.picture, name="picture"),
    path("qr/<uuid:group_id>/<slug:sha>.png", pictures.group_qr, name="group_qr"),
]
