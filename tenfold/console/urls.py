"""Addresses of the console. What watches a campaign is named in `urls_watch`, what sets one up in `urls_editor`,
keepsakes in `urls_keepsakes`, rewards and what they cost in `urls_rewards`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from tenfold.console import (
    campaigns,
    login,
    playbooks,
    team,
    urls_editor,
    urls_keepsakes,
    urls_rewards,
    urls_watch,
)

app_name = "console"

_DOOR = [
    path("login/", login.LogIn.as_view(), name="login"),
    path("logout/", login.log_out, name="logout"),
    path("language/", login.choose_language, name="language"),
    path("workspace/", login.choose_workspace, name="workspace"),
    path("profile/", login.profile, name="profile"),
    path("profile/password/", login.change_password, name="password"),
    path("reset/", login.AskReset.as_view(), name="reset"),
    path("reset/sent/", login.reset_sent, name="reset_sent"),
    path("reset/<uidb64>/<token>/", login.SetPassword.as_view(), name="set_password"),
]
_TEAM = [
    path("team/", team.show, name="team"),
    path("team/invite/", team.invite, name="invite"),
    path("team/<uuid:membership_id>/role/", team.change_role, name="role"),
    path("team/<uuid:membership_id>/remove/", team.remove, name="remove_operator"),
    path("team/back/<str:pledge>/", team.take_back, name="take_back"),
]
_ONE = "campaigns/<uuid:campaign_id>/"
_CAMPAIGNS = [
    path("", campaigns.home, name="home"),
    path("campaigns/new/", playbooks.make, name="make"),
    path("campaigns/load/", playbooks.load, name="load_playbook"),
    path(_ONE, campaigns.enter, name="campaign"),
    path(f"{_ONE}rename/", campaigns.rename, name="rename"),
    path(f"{_ONE}clone/", campaigns.clone, name="clone"),
    path(f"{_ONE}playbook.toml", playbooks.save, name="save_playbook"),
    path(f"{_ONE}launch/", campaigns.launch, name="launch"),
    path(f"{_ONE}pause/", campaigns.pause, name="pause"),
    path(f"{_ONE}resume/", campaigns.resume, name="resume"),
    path(f"{_ONE}end/", campaigns.end, name="end"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *_DOOR,
    *_TEAM,
    *_CAMPAIGNS,
    *urls_editor.urlpatterns,
    *urls_watch.urlpatterns,
    *urls_keepsakes.urlpatterns,
    *urls_rewards.urlpatterns,
]
