// Images out of a PMTiles file, by ranges of its bytes: fetched only where
// the guild has such a file.

import type { Coords } from "leaflet";
import { PMTiles, TileType } from "pmtiles";

const TYPES: Partial<Record<TileType, string>> = {
	[TileType.Png]: "image/png", [TileType.Jpeg]: "image/jpeg",
	[TileType.Webp]: "image/webp", [TileType.Avif]: "image/avif",
};
const files = new Map<string, PMTiles>();

/** null: the file has none there. */
export async function image(
	url: string, { x, y, z }: Coords, signal: AbortSignal,
): Promise<Blob | "vector" | null> {
	let file = files.get(url);
	if (!file)
		files.set(url, file = new PMTiles(new URL(url, location.href).href));
	const type = TYPES[(await file.getHeader()).tileType];
	if (!type)
		return "vector";
	const tile = await file.getZxy(z, x, y, signal);
	return tile ? new Blob([tile.data], { type }) : null;
}
