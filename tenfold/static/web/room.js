// The room: posts arrive once, in their place; the reader is not moved while reading further up.
(() => {
  const feed = document.getElementById("feed");
  const scroll = document.getElementById("scroll");
  const pill = document.getElementById("pill");
  if (!feed) return;
  const me = feed.dataset.me;
  const isAtEnd = () => scroll.scrollTop > -80; // reversed: 0 is the end, further up is negative

  const dress = (post) => {
    post.classList.toggle("own", post.dataset.author === me);
    for (const time of post.querySelectorAll("time")) {
      const at = new Date(time.dateTime);
      if (!Number.isNaN(at.valueOf())) time.textContent = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    }
  };

  const isRepeated = (post) => [...feed.children].some((other) => other !== post && other.id === post.id);

  // Time-ordered ids: a post that became visible late still goes to its place.
  const place = (post) => {
    let before = post.previousElementSibling;
    while (before && before.id > post.id && before.classList.contains("post")) before = before.previousElementSibling;
    if (before && before !== post.previousElementSibling) before.after(post);
  };

  new MutationObserver((changes) => {
    let fresh = 0;
    for (const post of changes.flatMap((change) => [...change.addedNodes])) {
      if (!post.classList?.contains("post") || post.dataset.seen) continue;
      if ("hidden" in post.dataset) { // an operator has taken it away
        for (const other of [...feed.children]) if (other.id === post.id) other.remove();
        continue;
      }
      if (isRepeated(post)) { post.remove(); continue; }
      post.dataset.seen = "1";
      feed.querySelector("[data-empty]")?.remove();
      dress(post);
      place(post);
      fresh += post.dataset.author === me ? 0 : 1;
      if (post.dataset.author === me) scroll.scrollTop = 0;
    }
    if (fresh && !isAtEnd()) pill.hidden = false;
  }).observe(feed, { childList: true });

  for (const post of feed.querySelectorAll(".post")) { post.dataset.seen = "1"; dress(post); }
  pill.addEventListener("click", () => { scroll.scrollTop = 0; pill.hidden = true; });
  scroll.addEventListener("scroll", () => { if (isAtEnd()) pill.hidden = true; }, { passive: true });

  // The form comes back fresh after each post: whoever is writing goes on writing.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt?.id === "composer") document.querySelector("#composer textarea").focus();
  });

  const preview = (input) => {
    const file = input.files[0];
    const chosen = document.getElementById("chosen");
    document.getElementById("alert").textContent = "";
    chosen.hidden = !file || !input.checkValidity();
    if (chosen.hidden) return;
    chosen.querySelector("img").src = URL.createObjectURL(file);
    chosen.querySelector("span").textContent = file.name;
  };
  document.addEventListener("change", (event) => { if (event.target.name === "picture") preview(event.target); });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#unchoose")) return;
    const input = document.querySelector("#composer input[type=file]");
    input.value = "";
    preview(input);
  });
})();
