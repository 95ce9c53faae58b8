"""Certificates and tickets on real screens: given, shown, verified, and read by a camera at the gate."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tenfold.imaging.qr import qr_png, read_codes
from tests.browser.conftest import FLAGS, SHOTS, Open, Product, Reach, desk_of, phone_of, press
from tests.browser.test_every_page import LOOKS, is_sound

pytestmark = pytest.mark.browser
IPHONE = {"width": 390, "height": 844}
Shoot = Callable[[Page, str], None]


def film(text: str, path: Path, *, is_seen: bool = True) -> Path:
    """What a camera sees: a QR code at an arm's length, in the raw form that Chromium plays (YUV4MPEG2)."""
    width, height = 640, 480
    frame = Image.new("L", (width, height), 200)
    if is_seen:
        frame.paste(Image.open(io.BytesIO(qr_png(text))).convert("L").resize((300, 300)), (170, 90))
    colourless = b"\x80" * (width * height // 4)
    picture = b"FRAME\n" + frame.tobytes() + colourless * 2
    path.write_bytes(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + picture * 4)
    return path


@contextmanager
def eyes(browser: Browser, chromium: str, base: str, seen: Path) -> Iterator[Open]:
    """A browser whose camera sees the film; as `open_page` it lets nothing go wrong in silence."""
    flags = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    flags += [f"--use-file-for-fake-video-capture={seen}"]
    seeing = browser.browser_type.launch(executable_path=chromium, args=[*FLAGS, *flags])
    opening = Open(seeing, base)
    try:
        yield opening
        assert opening.unexpected == []
    finally:
        seeing.close()


def to_gate(page: Page, product: Product, reach: Reach) -> Page:
    page.set_viewport_size(IPHONE)  # type: ignore[arg-type]
    page.goto(f"{product.base}/console/campaigns/{reach['campaign']}/keepsakes/gate/")
    return page


def plays_on(page: Page, *, seconds: float) -> None:
    """The camera has shown so much more, picture by picture."""
    until = page.evaluate("() => document.getElementById('video').currentTime") + seconds
    while page.evaluate("() => new Promise(requestAnimationFrame)") and until:
        if page.evaluate("() => document.getElementById('video').currentTime") > until:
            return


def types(page: Page, number: str) -> None:
    page.locator("#number").fill(number)
    page.locator("#gate-form .btn-primary").click()


def says(page: Page, code: str, *words: str) -> None:
    answer = page.locator("#answer [data-answer]")
    expect(answer).to_have_attribute("data-answer", code)
    for word in words:
        expect(answer).to_contain_text(word)


@pytest.fixture(scope="module")
def reach(product: Product) -> Reach:
    return product.stage("web", people=["Mia", "王小明", "Ben"], keepsakes=["certificate", "ticket"])


@pytest.mark.parametrize(("locale", "welcome"), [("en-GB", "Come in"), ("zh-CN", "请进")])
def test_the_camera_reads_a_ticket_and_lets_in_once(
    product: Product,
    browser: Browser,
    chromium: str,
    tmp_path: Path,
    shoot: Shoot,
    locale: str,
    welcome: str,
) -> None:
    reach = product.stage("web", people=["王小明"], keepsakes=["ticket"])
    number = reach["keepsakes"]["ticket"]["王小明"]
    seen = film(f"{product.base}/K/{number}".upper(), tmp_path / "ticket.y4m")
    with eyes(browser, chromium, product.base, seen) as open_page:
        gate = to_gate(open_page("phone", locale, cookies=desk_of(reach)), product, reach)
        gate.locator("input[name=gate]").fill("North")
        gate.locator("#camera-on").click()
        says(gate, "let_in", welcome, "王小明")
        expect(gate.locator("#video")).to_be_visible()
        shoot(gate, f"gate-let-in-{locale[:2]}")
        # The ticket is still held before the camera: asked about once, so that the green stays.
        plays_on(gate, seconds=2)
        says(gate, "let_in")
        gate.locator("#camera-off").click()
        expect(gate.locator("#camera")).to_be_hidden()
        types(gate, number)
        says(gate, "used", "North")
        shoot(gate, f"gate-used-{locale[:2]}")


@pytest.mark.parametrize(
    ("locale", "lookup", "done"),
    [("en-GB", "Redeem now", "Redeemed just now"), ("zh-CN", "立即核销", "核销成功，请交付奖励。")],
)
def test_the_camera_at_the_counter_reads_a_reward_that_is_redeemed_once(
    product: Product,
    browser: Browser,
    chromium: str,
    tmp_path: Path,
    shoot: Shoot,
    locale: str,
    lookup: str,
    done: str,
) -> None:
    reach = product.stage("web", people=["王小明"], approved=["王小明"])
    number = reach["numbers"]["王小明"]
    with eyes(browser, chromium, product.base, film(number, tmp_path / "reward.y4m")) as open_page:
        counter = open_page("phone", locale, cookies=desk_of(reach))
        counter.goto(f"{product.base}/console/redeem/")
        shoot(counter, f"counter-{locale[:2]}")
        counter.locator("#camera-on").click()
        expect(counter.locator(".tw-ticket-number")).to_have_text(number)
        expect(counter.locator(".tw-ticket")).to_contain_text("王小明")
        shoot(counter, f"counter-found-{locale[:2]}")
        counter.get_by_role("button", name=lookup).click()
        expect(counter.locator(".tw-ticket")).to_contain_text(done)
        expect(counter.locator("#camera-on")).to_be_visible()


def test_a_number_typed_without_a_network_is_kept_and_sent_when_it_is_back(
    product: Product, open_page: Open, reach: Reach, shoot: Shoot
) -> None:
    open_page.expect("ERR_INTERNET_DISCONNECTED", "sendError", "net::", "htmx:afterRequest")
    gate = to_gate(open_page("phone", cookies=desk_of(reach)), product, reach)
    number = reach["keepsakes"]["ticket"]["Mia"]
    gate.wait_for_load_state("networkidle")
    gate.context.set_offline(True)
    types(gate, number)
    expect(gate.locator("#offline")).to_be_visible()
    expect(gate.locator("#number")).to_have_value(number)
    shoot(gate, "gate-offline")
    gate.context.set_offline(False)
    says(gate, "let_in", "Mia")  # by itself
    expect(gate.locator("#offline")).to_be_hidden()
    expect(gate.locator("#number")).to_have_value("")


@pytest.mark.parametrize(("who", "is_reloaded"), [("Ben", False), ("王小明", True)])
def test_an_answer_lost_on_the_way_back_is_no_second_entry(
    product: Product, open_page: Open, reach: Reach, who: str, is_reloaded: bool
) -> None:
    open_page.expect("ERR_FAILED", "sendError", "net::", "htmx:afterRequest")
    gate = to_gate(open_page("phone", cookies=desk_of(reach)), product, reach)
    number = reach["keepsakes"]["ticket"][who]

    def answered_into_the_void(route: object) -> None:
        route.fetch()  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    gate.route("**/keepsakes/gate/", answered_into_the_void)
    types(gate, number)
    expect(gate.locator("#offline")).to_be_visible()
    gate.unroute("**/keepsakes/gate/")
    if is_reloaded:
        gate.reload()
        gate.locator("#gate-form .btn-primary").click()
    else:
        gate.locator("#offline .btn").click()
    says(gate, "let_in", who)
    types(gate, number)  # another knock of the same ticket
    says(gate, "used")
    gate.locator("summary").filter(has_text="Let in lately").click()
    expect(gate.locator(".tk-latest li").filter(has_text=who)).to_have_count(1)


def test_a_mistake_is_taken_back_by_one_button(product: Product, open_page: Open) -> None:
    reach = product.stage("web", people=["Mia"], keepsakes=["ticket"])
    gate = to_gate(open_page("phone", cookies=desk_of(reach)), product, reach)
    number = reach["keepsakes"]["ticket"]["Mia"]
    types(gate, number.lower())
    says(gate, "let_in", "Mia")
    gate.get_by_role("button", name="A mistake: take it back").click()
    expect(gate.locator("[data-toast]").last).to_contain_text("Taken back")
    types(gate, number)
    says(gate, "let_in", "Mia")


def test_without_a_camera_it_says_so_and_typing_works(
    product: Product, open_page: Open, reach: Reach
) -> None:
    gate = to_gate(open_page("phone", cookies=desk_of(reach)), product, reach)
    gate.locator("#camera-on").click()
    expect(gate.locator("#camera-error")).to_contain_text("Type the number")
    types(gate, "7K3M")
    says(gate, "unknown")


def test_sound_and_vibration_are_off_until_somebody_wishes_them(
    product: Product, open_page: Open, reach: Reach
) -> None:
    gate = to_gate(open_page("phone", cookies=desk_of(reach)), product, reach)
    sound = gate.locator("[data-switch=sound]")
    expect(sound).to_have_attribute("aria-pressed", "false")
    sound.click()
    gate.reload()
    expect(gate.locator("[data-switch=sound]")).to_have_attribute("aria-pressed", "true")


def test_given_in_the_console_shown_by_its_owner_and_verified_by_a_stranger(
    product: Product, open_page: Open, shoot: Shoot
) -> None:
    reach = product.stage("web", people=["王小明"], keepsakes=[])
    desk = open_page("desk", cookies=desk_of(reach))
    base = f"{product.base}/console/campaigns/{reach['campaign']}/keepsakes/"
    desk.goto(base)
    shoot(desk, "keepsakes-empty")
    desk.get_by_role("link", name="A certificate").click()
    desk.locator("input[name=name]").fill("Ten books in thirty days")
    desk.get_by_role("button", name="Make it").click()
    desk.locator(".tk-who").filter(has_text="in a group now").get_by_role("button").click()
    expect(desk.get_by_role("heading", name="Issue it to 1 person?")).to_be_visible()
    expect(desk.locator("img.tk-picture")).to_have_js_property("complete", True)
    shoot(desk, "keepsakes-issue")
    desk.get_by_role("button", name="Issue", exact=True).click()
    expect(desk.locator("[data-toast]").last).to_contain_text("Issued to 1 person.")
    expect(desk.locator("img.tk-picture")).to_be_visible()
    shoot(desk, "keepsakes-edition")

    owner = open_page("phone", cookies=phone_of(reach, "王小明"))
    owner.set_viewport_size(IPHONE)  # type: ignore[arg-type]
    owner.goto(f"{product.base}/me/{reach['campaign']}/")
    owner.get_by_role("link", name="My certificates, tickets and cards").click()
    expect(owner.locator("img.picture")).to_have_js_property("complete", True)
    shoot(owner, "keepsakes-mine")
    with owner.expect_download() as begun:
        owner.get_by_role("link", name="JPEG").click()
    [code] = {found.text for found in read_codes(begun.value.path().read_bytes())}

    stranger = open_page("phone")
    stranger.set_viewport_size(IPHONE)  # type: ignore[arg-type]
    stranger.goto(code)
    expect(stranger.get_by_role("status")).to_contain_text("Genuine and valid")
    expect(stranger.locator(".facts")).to_contain_text("王**")
    shoot(stranger, "keepsake-valid")
    owner.locator("select[name=shown]").select_option("full")
    owner.get_by_role("button", name="Save").click()
    stranger.reload()
    expect(stranger.locator(".facts")).to_contain_text("王小明")

    desk.goto(base)
    shoot(desk, "keepsakes-list")
    desk.get_by_role("link", name="王小明").click()
    desk.locator("#reason").fill("Issued by mistake")
    desk.get_by_role("button", name="Revoke").click()
    expect(desk.locator("[data-toast]").last).to_contain_text("Revoked")
    shoot(desk, "keepsake-revoked-desk")
    stranger.reload()
    expect(stranger.get_by_role("status")).to_contain_text("Revoked")
    expect(stranger.locator(".note.bad")).to_contain_text("Issued by mistake")
    shoot(stranger, "keepsake-revoked")
    press(desk, "u")
    expect(desk.locator("[data-toast]").last).to_contain_text("Valid again.")
    stranger.reload()
    expect(stranger.get_by_role("status")).to_contain_text("Genuine and valid")


def test_an_unknown_number_is_told_and_can_be_typed_again(
    product: Product, open_page: Open, reach: Reach
) -> None:
    open_page.expect("status of 404")
    stranger = open_page("small phone")
    stranger.goto(f"{product.base}/k/7K3M-9QXT-2B4N-WZ8P-C")
    expect(stranger.get_by_role("heading")).to_contain_text("do not know this number")
    stranger.locator("input[name=number]").fill(reach["keepsakes"]["certificate"]["Mia"].lower())
    stranger.get_by_role("button", name="Look it up").click()
    expect(stranger.get_by_role("status")).to_contain_text("Genuine and valid")


@pytest.mark.parametrize(("locale", "scheme", "language"), LOOKS)
def test_every_page_of_keepsakes_fits_a_phone_in_every_look(
    product: Product, open_page: Open, reach: Reach, shoot: Shoot, locale: str, scheme: str, language: str
) -> None:
    desk = open_page("phone", locale, cookies=desk_of(reach), color_scheme=scheme)
    base = f"{product.base}/console/campaigns/{reach['campaign']}/keepsakes/"
    is_sound(desk, base, language, scheme)
    shoot(desk, f"keepsakes-phone-{scheme}")
    for link in (".tk-editions a", "#rows a"):
        desk.goto(base)
        address = desk.locator(link).last.get_attribute("href")
        is_sound(desk, f"{product.base}{address}", language, scheme)
        shoot(desk, f"keepsakes-{'edition' if 'editions' in link else 'one'}-phone-{scheme}")
    mia = open_page("small phone", locale, cookies=phone_of(reach, "Mia"), color_scheme=scheme)
    is_sound(mia, f"{product.base}/me/{reach['campaign']}/keepsakes/", language, scheme)
    expect(mia.locator("img.picture").first).to_have_js_property("complete", True)
    mia.screenshot(path=SHOTS / f"keepsakes-mine-{scheme}.png", full_page=True)
    for address in ("", reach["keepsakes"]["certificate"]["Mia"], reach["keepsakes"]["ticket"]["王小明"]):
        is_sound(mia, f"{product.base}/k/{address}", language, scheme)
    shoot(mia, f"keepsake-{scheme}")
