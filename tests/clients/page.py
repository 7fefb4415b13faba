"""Opens reports in Chromium as people would, on a phone and on a desk, light and dark, and holds them to their promises.

Usage: python page.py REPORT_HTML... [--shots FOLDER]

Needs Playwright (`pip install playwright`) and a Chromium of the system: the environment's CHROMIUM, or the first of chromium,
chromium-browser and google-chrome on the path. No report may ask a network for anything: what one asks for is refused and
counted. Spoiled copies of the first report must be refused, else a check that sees nothing would pass.
"""

from checks import Broken, check, require

import argparse
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time

from playwright.sync_api import sync_playwright

SIZES = ((360, 800), (1400, 900))
SCHEMES = ("light", "dark")
HEADINGS = [
    "Funnel",
    "What became of the utterances",
    "Distributions",
    "Languages",
    "Users",
    "Most repeated",
    "Calls over time",
    "Calls",
    "Recipe",
]
MAX_BYTES = 2_000_000
MAX_SECONDS = 2.0
FIGURES = re.compile(r'<script id="figures" type="application/json">(.*?)</script>', re.DOTALL)
# A browser that starts without its own errands asks no network, so what is asked for is the page's doing.
QUIET = """
    --no-sandbox --disable-gpu --disable-quic --no-first-run
    --disable-background-networking --disable-component-update --disable-sync
""".split()
# Goes down the page as a reader would: charts are drawn when they come into view.
READ = """async () => {
    for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
        scrollTo({ top: y, behavior: "instant" });
        await new Promise(requestAnimationFrame);
        await new Promise(requestAnimationFrame);
    }
    scrollTo({ top: 0, behavior: "instant" });
}"""
NOTHING = "no call holds these words"


def main(args):
    parser = argparse.ArgumentParser(description="Opens reports in Chromium and holds them to their promises.")
    parser.add_argument("reports", nargs="+", type=pathlib.Path, metavar="REPORT_HTML")
    parser.add_argument("--shots", type=pathlib.Path, metavar="FOLDER", help="where to put a picture of each view")
    options = parser.parse_args(args)
    if options.shots:
        options.shots.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        for report in options.reports:
            look(browser, report, options.shots)
        spoil(browser, options.reports[0])
        browser.close()


def chromium():
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        sys.exit("page.py: no Chromium: install one, or name it in CHROMIUM")
    return found


def look(browser, report, shots):
    print(f"# {report}")
    with check("one small file"):
        small(report)
    with check("nothing private in what is published"):
        private(figures(report))
    for size in SIZES:
        for scheme in SCHEMES:
            with check(f"{size[0]} px, {scheme}"):
                shot = shots / f"{report.stem}-{size[0]}-{scheme}.png" if shots else None
                view(browser, report, size, scheme, shot)


def figures(report):
    found = FIGURES.findall(report.read_text(encoding="utf-8"))
    require(len(found) == 1, f"{len(found)} blocks of figures, not one")
    return json.loads(found[0])


def small(report):
    size = report.stat().st_size
    require(size < MAX_BYTES, f"{size} bytes, which is not less than {MAX_BYTES}")
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"', report.read_text(encoding="utf-8"))
    require(policy and "default-src 'none'" in policy[1], "no policy that forbids the network")


def private(data):
    """What was dropped was said in private; a detail may quote it."""
    if data["audit"] is not False:
        return
    for call in data["calls"] or []:
        for utterance in call["utterances"]:
            if utterance["fate"] not in ("kept", "merged"):
                for key in ("text", "detail"):
                    where = f"{call['session']}, utterance {utterance['position']}"
                    require(utterance[key] is None, f"{where}: the {key} of a dropped utterance")
    for reason in data["reasons"] or []:
        require(not reason["examples"], f"examples of {reason['reason']}")


def view(browser, report, size, scheme, shot):
    """One view of a report, from opening it to searching in it."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page = context.new_page()
    trouble, asked = [], []
    page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    own = report.resolve().as_uri()

    def guard(route):
        if route.request.url.split("#")[0] == own:
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    begun = time.monotonic()
    page.goto(own, wait_until="load")
    seconds = time.monotonic() - begun
    page.evaluate(READ)
    if shot:
        page.screenshot(path=shot, full_page=True)
    try:
        # First of all, since the rest follows from it.
        require(not asked, f"asks a network for {asked}")
        require(not trouble, f"errors: {trouble}")
        require(seconds < MAX_SECONDS, f"opens in {seconds:.1f} s")
        shown(page, figures(report), scheme)
        search(page, figures(report))
        require(not trouble, f"errors while searching: {trouble}")
        require(not asked, f"asks a network for {asked} while searching")
    finally:
        context.close()


def shown(page, data, scheme):
    require(page.title() and page.inner_text("h1") == page.title(), "no title")
    headings = page.locator("main h2").all_inner_texts()
    require(headings == HEADINGS, f"headings {headings}")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    require(wide <= 0, f"{wide} px too wide")
    count = page.locator("#funnel tbody tr").count()
    steps = len(data["funnel"] or [])
    require(count == steps, f"{count} rows of the funnel for {steps} steps")
    calls = len(data["calls"] or [])
    require(page.locator(".entries li").count() == calls, f"not all {calls} calls are listed")
    bare = page.locator(".chart:not(:has(svg))").count()
    require(bare == 0, f"{bare} charts are not drawn")
    require(page.locator("#notice").is_visible() == (data["audit"] is not False), "the notice of a private copy")
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g)[0] > 127")
    require(light == (scheme == "light"), f"not {scheme}")


def search(page, data):
    """Words that one call holds find it; words that none holds find none; no words find all."""
    calls = data["calls"] or []
    if not calls:
        require(page.locator("#words").count() == 0, "a search over no calls")
        return
    entries = page.locator(".entries li")
    page.fill("#words", calls[-1]["session"])
    found = entries.count()
    require(found >= 1, "a call is not found by its name")
    require(found < len(calls) or len(calls) == 1, f"the search leaves all {len(calls)} calls")
    require(calls[-1]["session"] in page.inner_text("#call"), "the call that is found is not shown")
    page.fill("#words", NOTHING)
    require(entries.count() == 0, "calls are found that do not hold the words")
    page.fill("#words", "")
    require(entries.count() == len(calls), "an empty search does not bring all calls back")


def spoil(browser, report):
    text = report.read_text(encoding="utf-8")
    image = '<img alt="" src="https://example.org/pixel.png">'
    policy = re.compile('<meta http-equiv="Content-Security-Policy"[^>]*>')
    refused(browser, "a script error", text.replace("</body>", "<script>undefined.name</script></body>"), "errors:")
    refused(browser, "an image from outside, which the policy stops", text.replace("</body>", f"{image}</body>"), "errors:")
    free = policy.sub("", text).replace("</body>", f"{image}</body>")
    refused(browser, "an image from outside, which no policy stops", free, "asks a network")
    refused(browser, "a heading that is missing", text.replace('<h2 id="users-h">Users</h2>', ""), "headings")
    wide = f'<p style="white-space: nowrap; overflow-wrap: normal">{"wide " * 200}</p>'
    refused(browser, "a line that does not wrap", text.replace("</body>", f"{wide}</body>"), "too wide")
    with check("spoiled: the text of a dropped utterance"):
        utterance = {"position": 1, "fate": "dropped", "text": "um", "detail": None}
        call = {"session": "1", "utterances": [utterance]}
        said = verdict(lambda: private({"audit": False, "calls": [call], "reasons": []}))
        require("text of a dropped" in said, f"accepted: {said}")


def refused(browser, name, text, why):
    with check(f"spoiled: {name}"), tempfile.TemporaryDirectory() as folder:
        bad = pathlib.Path(folder, "report.html")
        bad.write_text(text, encoding="utf-8")
        said = verdict(lambda: view(browser, bad, SIZES[0], SCHEMES[0], None))
        require(why in said, f"not refused for that: {said or 'accepted'}")


def verdict(trial):
    try:
        trial()
    except Broken as broken:
        return str(broken)
    return ""


if __name__ == "__main__":
    main(sys.argv[1:])
