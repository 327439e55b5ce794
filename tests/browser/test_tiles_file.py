"""A map whose images stand in a PMTiles file beside the dashboard: the browser
asks for the parts of it that it shows, and for no other server."""
import os
import shutil

import pytest

from browser import PHONE, eventually
from dashboard import require_web
from local import pmtiles
from local.guild import web_root
from test_api import api

BOX, ZOOMS = (-70.72, -33.50, -70.62, -33.40), range(9, 16)
# The colours that are to be seen, of the file's own or of what is around it.
LOOK = """(() => {
	const canvas = document.createElement("canvas");
	canvas.width = canvas.height = 256;
	const pen = canvas.getContext("2d", {willReadFrequently: true});
	const seen = new Set();
	for (const img of document.querySelectorAll(".map-tiles img")) {
		if (img.hidden || img.naturalWidth !== 256)
			continue;
		pen.drawImage(img, 0, 0);
		const {data} = pen.getImageData(0, 0, 256, 256);
		for (let i = 0; i < data.length; i += 4)
			seen.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
	}
	return [...seen];
})()"""
# [host and path, status] of each answer.
ASKED = """performance.getEntriesByType("resource").map((e) =>
	[new URL(e.name).host + new URL(e.name).pathname, e.responseStatus])"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The public page needs no Kafka."""
    require_web()
    dir = tmp_path_factory.mktemp("site")
    root = str(dir / "web")
    shutil.copytree(web_root(), root)
    pmtiles.write(os.path.join(root, "city.pmtiles"), BOX, ZOOMS)
    part = api(dir, web__root=root, tiles__url="/city.pmtiles").start()
    part.file = os.path.join(root, "city.pmtiles")
    yield part
    part.stop()


def colours():
    it = iter(pmtiles.COLOURS)
    return {r << 16 | g << 8 | b for r, g, b in zip(it, it, it)}


def test_the_map_is_drawn_from_a_file(browser, site):
    page = browser.context(**PHONE).new_page()
    page.goto("http://127.0.0.1:%d/public/#/report" % site.http_port)
    page.get_by_role("button", name="Marcarlo en el mapa").tap()
    map_ = page.get_by_role("region", name="Mapa: toca donde está el carrito")
    map_.scroll_into_view_if_needed()
    seen = eventually(lambda: page.evaluate(LOOK), "images on the map")
    assert set(seen) <= colours() and len(seen) > 1
    for _ in range(4):  # to where the file ends, and past it
        page.get_by_role("button", name="Acercar").tap()
        eventually(lambda: set(page.evaluate(LOOK)), "images, nearer")
        assert set(page.evaluate(LOOK)) <= colours()
    asked = page.evaluate(ASKED)
    here = "127.0.0.1:%d" % site.http_port
    assert not [path for path, _ in asked if not path.startswith(here)]
    parts = [row for row in asked if row[0] == here + "/city.pmtiles"]
    assert len(parts) > 1 and {status for _, status in parts} == {206}
    assert page.get_by_text("No se alcanza el mapa de calles.").count() == 0
