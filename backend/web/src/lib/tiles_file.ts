// Images out of a PMTiles file, by ranges of its bytes: fetched only where
// the guild has such a file.

import type { Coords } from "leaflet";
import { PMTiles, TileType } from "pmtiles";

const TYPES: Partial<Record<TileType, string>> = {
	[TileType.Png]: "image/png", [TileType.Jpeg]: "image/jpeg",
	[TileType.Webp]: "image/webp", [TileType.Avif]: "image/avif",
};

export interface TileFile {
	minZoom: number;
	maxZoom: number;
	/** null: the file has none there. */
	image(at: Coords, signal: AbortSignal): Promise<Blob | null>;
}

/** "vector": it holds no images. */
export async function openFile(url: string): Promise<TileFile | "vector"> {
	const file = new PMTiles(new URL(url, location.href).href);
	const { tileType, minZoom, maxZoom } = await file.getHeader();
	const type = TYPES[tileType];
	if (!type)
		return "vector";
	return {
		minZoom, maxZoom,
		async image({ x, y, z }, signal) {
			const tile = await file.getZxy(z, x, y, signal);
			return tile ? new Blob([tile.data], { type }) : null;
		},
	};
}
