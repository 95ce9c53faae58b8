"""Addresses of what watches a campaign, and of the redeeming of rewards."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from tenfold.console import (
    board,
    live,
    people,
    pictures,
    redeem,
    review,
    review_alike,
    review_checks,
    review_history,
    review_machine,
    review_second,
    tasks,
    tree,
)

_ONE = "campaigns/<uuid:campaign_id>/"
_PROOF = f"{_ONE}review/<uuid:proof_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{_ONE}live/", live.live, name="live"),
    path(f"{_ONE}live/now/", live.now, name="live_now"),
    path(f"{_ONE}review/", review.review, name="review"),
    path(f"{_ONE}review/appeals/", review.appeals, name="appeals"),
    path(f"{_ONE}review/count/", review.count, name="review_count"),
    path(f"{_ONE}review/judged/", review.judged, name="judged"),
    path(f"{_ONE}review/second/", review_second.second, name="second_looks"),
    path(f"{_ONE}review/second/<uuid:look_id>/judge/", review_second.judge, name="judge_second"),
    path(f"{_ONE}review/machine/", review_machine.machine, name="machine"),
    path(f"{_ONE}review/machine/switch/", review_machine.switch, name="switch_review"),
    path(f"{_ONE}review/checks/", review_checks.checks, name="checks"),
    path(f"{_ONE}review/together/<uuid:batch_id>/undo/", review_alike.undo, name="undo_together"),
    path(f"{_PROOF}judge/", review.judge, name="judge"),
    path(f"{_PROOF}hold/", review.hold, name="hold_proof"),
    path(f"{_PROOF}alike/", review_alike.together, name="alike"),
    path(f"{_PROOF}history/", review_history.proof_history, name="proof_history"),
    path(f"{_PROOF}poster.jpg", review.poster, name="review_poster"),
    path(f"{_PROOF}undo/", review.undo, name="undo_verdict"),
    path(f"{_ONE}tree/", tree.tree, name="tree"),
    path(f"{_ONE}tree/branch/", tree.branch, name="tree_branch"),
    path(f"{_ONE}tree/list/", tree.branch_list, name="tree_list"),
    path(f"{_ONE}people/", people.people, name="people"),
    path(f"{_ONE}people/<uuid:journey_id>/", people.person, name="person"),
    path(f"{_ONE}people/<uuid:journey_id>/arrived/", people.confirm_arrival, name="confirm_arrival"),
    path(f"{_ONE}people/<uuid:journey_id>/remove/", people.remove, name="remove_person"),
    path(f"{_ONE}people/<uuid:journey_id>/out/", people.keep_out, name="keep_out"),
    path(f"{_ONE}people/<uuid:journey_id>/back/", people.let_back, name="let_back"),
    path(f"{_ONE}board/", board.board, name="board"),
    path(f"{_ONE}tasks/", tasks.tasks, name="tasks"),
    path(f"{_ONE}tasks/<uuid:task_id>/close/", tasks.close, name="close_task"),
    path(f"{_ONE}tasks/<uuid:task_id>/reopen/", tasks.reopen, name="reopen_task"),
    path("pictures/<uuid:picture_id>", pictures.show, name="picture"),
    path("redeem/", redeem.redeem, name="redeem"),
]
