"""Addresses of what watches a campaign, and of the redeeming of rewards."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from tenfold.console import live, people, pictures, redeem, review, tasks, tree

_ONE = "campaigns/<uuid:campaign_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{_ONE}live/", live.live, name="live"),
    path(f"{_ONE}live/now/", live.now, name="live_now"),
    path(f"{_ONE}review/", review.review, name="review"),
    path(f"{_ONE}review/count/", review.count, name="review_count"),
    path(f"{_ONE}review/judged/", review.judged, name="judged"),
    path(f"{_ONE}review/<uuid:proof_id>/judge/", review.judge, name="judge"),
    path(f"{_ONE}review/<uuid:proof_id>/poster.jpg", review.poster, name="review_poster"),
    path(f"{_ONE}review/<uuid:proof_id>/undo/", review.undo, name="undo_verdict"),
    path(f"{_ONE}tree/", tree.tree, name="tree"),
    path(f"{_ONE}tree/branch/", tree.branch, name="tree_branch"),
    path(f"{_ONE}tree/list/", tree.branch_list, name="tree_list"),
    path(f"{_ONE}people/", people.people, name="people"),
    path(f"{_ONE}people/<uuid:journey_id>/", people.person, name="person"),
    path(f"{_ONE}people/<uuid:journey_id>/arrived/", people.confirm_arrival, name="confirm_arrival"),
    path(f"{_ONE}people/<uuid:journey_id>/remove/", people.remove, name="remove_person"),
    path(f"{_ONE}tasks/", tasks.tasks, name="tasks"),
    path(f"{_ONE}tasks/<uuid:task_id>/close/", tasks.close, name="close_task"),
    path(f"{_ONE}tasks/<uuid:task_id>/reopen/", tasks.reopen, name="reopen_task"),
    path("pictures/<uuid:picture_id>", pictures.show, name="picture"),
    path("redeem/", redeem.redeem, name="redeem"),
]
