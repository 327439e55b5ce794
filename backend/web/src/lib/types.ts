// The API's objects, as openapi.json describes them (`npm run types`).

import type { components } from "./schema.js";

type S = components["schemas"];
export type Cart = S["Cart"];
export type Fix = S["Fix"];
export type Alert = S["Alert"];
export type Restock = S["Restock"];
export type RestockHistory = S["RestockHistory"];
export type OrderLine = S["OrderLine"];
export type Delivery = S["Delivery"];
export type DeliveryDetail = S["DeliveryDetail"];
export type Ticket = S["Ticket"];
export type TicketHistory = S["TicketHistory"];
export type Zone = S["Zone"];
export type Product = S["Product"];
export type Stats = S["Stats"];
/** A member's personal data is for admins who ask for it by name. */
export type FullMember = S["Member"];
export type Daily = S["Daily"];
export type Hourly = S["Hourly"];
export type Stock = S["Stock"];
export type Track = S["Track"];
export type Day = S["Day"];
export type Gaps = S["Gaps"];
export type Customers = S["Customers"];
export type Books = S["Books"];
export type Book = S["Book"];

/** A member, as everybody of the guild's staff sees it change. */
export type Member = Pick<FullMember,
	"who" | "state" | "plate" | "premium" | "changed_at">;
