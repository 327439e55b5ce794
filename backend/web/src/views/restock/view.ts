import type { View } from "../../lib/view.js";

export const view: View = () => undefined;
