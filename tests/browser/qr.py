"""What a QR code says, read from a picture by a hand that did not draw it."""
import base64
import os

from browser import MODULES, Function

_READ = Function("""async (url) => {
	const image = new Image();
	image.src = url;
	await image.decode();
	const canvas = document.createElement("canvas");
	[canvas.width, canvas.height] = [image.width, image.height];
	const g = canvas.getContext("2d");
	g.drawImage(image, 0, 0);
	const {data, width, height} = g.getImageData(0, 0, canvas.width,
		canvas.height);
	return jsQR(data, width, height)?.data ?? null;
}""")


def read(browser, png):
    """Its text, or None: there is none to be read."""
    context = browser.context()
    page = context.new_page()
    with open(os.path.join(MODULES, "jsqr", "dist", "jsQR.js")) as f:
        page.evaluate(f.read() + ";0")
    text = page.evaluate(_READ, "data:image/png;base64,"
                         + base64.b64encode(png).decode())
    context.close()
    return text
