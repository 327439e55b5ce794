// A zone is made or changed: its name, whose it is, its areas drawn on the
// map; then saved, or left as it was.

import { send } from "../../lib/api.js";
import { field, formDialog, showErrors, toast } from "../../lib/dialog.js";
import { h, setText } from "../../lib/dom.js";
import { L } from "../../lib/map.js";
import type { Zone } from "../../lib/types.js";
import { wish } from "../../lib/wish.js";
import { dictionary } from "../../lib/words.js";
import { AREAS_MAX, ringsOf, toAreas, toGeometry, type Corner } from
	"./geometry.js";
import { platePicker } from "./plates.js";
import { zoneAreas } from "./zone_areas.js";
import { around } from "./zone_circle.js";
import { ZoneDraft } from "./zone_draft.js";
import { drawTools } from "./zone_tools.js";
import { zoneHandles } from "./zone_handles.js";
import type { Fleet } from "./fleet.js";

const t = dictionary({
	fresh: "Zona nueva", edit: "Cambiar la zona",
	name: "Nombre", carts: "Para qué carritos",
	carts_hint: "Sin ninguno, vale para todos los que no tienen zona propia.",
	areas: "Dónde", undo: "Deshacer", cancel: "Cancelar", save: "Guardar",
	saving: "Guardando…", remove: "Eliminar la zona…",
	saved: "Zona guardada.", removed: "Zona eliminada.",
	no_name: "Ponle un nombre.", no_area: "Dibuja al menos un área.",
	sure: "¿Eliminar la zona «{name}»?",
	sure_what: "Ningún carrito quedará sujeto a ella. No se puede deshacer.",
	sure_do: "Eliminar",
	leave: "¿Dejar la zona sin guardar?",
	leave_what: "Lo que cambiaste en ella se pierde.", leave_do: "No guardar",
}, {
	fresh: "New zone", edit: "Change the zone",
	name: "Name", carts: "For which carts",
	carts_hint: "With none, it is for all that have no zone of their own.",
	areas: "Where", undo: "Undo", cancel: "Cancel", save: "Save",
	saving: "Saving…", remove: "Delete the zone…",
	saved: "Zone saved.", removed: "Zone deleted.",
	no_name: "Give it a name.", no_area: "Draw an area at least.",
	sure: "Delete the zone “{name}”?",
	sure_what: "No cart will be held to it. This cannot be undone.",
	sure_do: "Delete",
	leave: "Leave the zone without saving?",
	leave_what: "What you changed in it is lost.", leave_do: "Do not save",
});

export interface Saved {
	id: string;
	/** False: it was so already. */
	changed: boolean;
	/** It is no more. */
	removed: boolean;
}

/** The form; `over` once, when nothing is edited any more: null, nothing was
 * changed. */
export function zoneForm(
	map: L.Map, fleet: Fleet, zone: Zone | null,
	over: (saved: Saved | null) => void, outer: AbortSignal,
): HTMLElement {
	const end = new AbortController();
	const signal = AbortSignal.any([outer, end.signal]);
	const draft = new ZoneDraft(zone ? toAreas(zone.geometry) : []);
	const plates = platePicker(t("carts"), t("carts_hint"),
		() => [...fleet.known.keys()], zone?.carts ?? []);
	const close = (saved: Saved | null) => {
		tools.stop();
		end.abort();
		over(saved);
	};

	zoneHandles(map, draft, signal);
	const tools = drawTools(map, (points, tool, hole) =>
		draft.change((areas) => {
			const into = hole === null ? undefined : areas[hole];
			const [first, second] = points;
			if (into)
				ringsOf(into).push(points);
			else if (tool === "polygon")
				areas.push({ kind: "polygon", rings: [points] });
			else if (first && second)
				areas.push({
					kind: "circle", centre: first, holes: [],
					radius_m: Math.max(1, Math.round(
						map.distance(first, second))),
				});
		}), () => draft.areas.length < AREAS_MAX);
	const circle = around(map, fleet, (centre: Corner, radius_m: number) => {
		draft.change((areas) => void areas.push(
			{ kind: "circle", centre, radius_m, holes: [] }));
		map.fitBounds(L.latLng(centre).toBounds(2 * radius_m));
	});

	const undo = h("button", {
		type: "button", onclick: () => draft.undo(),
	}, t("undo"));
	const said = h("p", { class: "form-error", role: "alert" });
	const save = h("button", { class: "primary" }, t("save"));
	const title = h("h2", { tabindex: "-1" }, t(zone ? "edit" : "fresh"));
	const name = field({
		name: "name", label: t("name"), value: zone?.name ?? "",
		required: true, maxlength: 80,
	});
	const form = h("form", { class: "zone-form cart-panel-body", novalidate: true },
		name, plates.element,
		h("fieldset", null, h("legend", null, t("areas")), tools.element,
			circle, zoneAreas(draft, (area) => tools.begin("polygon", area)),
			undo),
		said,
		h("footer", { class: "zone-foot" },
			zone && h("button", {
				type: "button", class: "quiet zone-delete",
				onclick: () => void remove(zone, () =>
					close({ id: zone.id, changed: true, removed: true })),
			}, t("remove")),
			h("button", { type: "button", onclick: () => void leave() },
				t("cancel")), save));
	const asked = wish();

	form.addEventListener("submit", async (e) => {
		e.preventDefault();
		const body = {
			name: String(new FormData(form).get("name") ?? "").trim(),
			carts: plates.value(), geometry: null as unknown,
		};
		const wrong = !body.name ? t("no_name")
			: !draft.areas.length ? t("no_area") : "";
		setText(said, wrong);
		if (wrong || save.disabled)
			return;
		body.geometry = toGeometry(draft.areas);
		save.disabled = true;
		setText(save, t("saving"));
		try {
			const done = await send<{ id: string; changed: boolean }>(
				zone ? "PUT" : "POST",
				zone ? `zones/${encodeURIComponent(zone.id)}` : "zones",
				body, { key: asked.key(body) });
			toast(t("saved"));
			close({ ...done, removed: false });
		} catch (why) {
			setText(said, showErrors(form, why));
			save.disabled = false;
			setText(save, t("save"));
		}
	});

	async function leave(): Promise<void> {
		if (!draft.changed || await formDialog(t("leave"), {
			text: t("leave_what"), action: t("leave_do"), danger: true,
			act: async () => undefined,
		}))
			close(null);
	}
	addEventListener("keydown", (e) => {
		if (e.key !== "Escape" || document.querySelector("dialog[open]"))
			return;
		// Else the same key closes the dialog that asks.
		e.preventDefault();
		if (!tools.stop())
			void leave();
	}, { signal });
	draft.on(() => {
		undo.disabled = !draft.undoable;
		tools.update();
	});
	undo.disabled = true;
	return h("div", { class: "cart-panel" },
		h("header", { class: "cart-panel-head" }, title), form);
}

async function remove(zone: Zone, gone: () => void): Promise<void> {
	const asked = wish();
	if (await formDialog(t("sure", { name: zone.name }), {
		text: t("sure_what"), action: t("sure_do"), danger: true,
		act: () => send("DELETE", `zones/${encodeURIComponent(zone.id)}`,
			undefined, { key: asked.key(zone.id) }),
	})) {
		toast(t("removed"));
		gone();
	}
}
