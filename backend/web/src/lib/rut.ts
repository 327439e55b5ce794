// A RUT as people type it, and as the guild keeps it: digits, a dash, and the
// digit that says whether the others were typed well.

/** 5 for 12345678: weights 2 to 7 from the right, modulo 11. */
function checkDigit(digits: string): string {
	let sum = 0, weight = 2;
	for (let i = digits.length - 1; i >= 0; i--) {
		sum += Number(digits[i]) * weight;
		weight = weight === 7 ? 2 : weight + 1;
	}
	const rest = 11 - (sum % 11);
	return rest === 11 ? "0" : rest === 10 ? "K" : String(rest);
}

export type Rut =
	| { is: "right"; rut: string }
	/** As far as it goes it may become one; never; its last digit is not
	 * that of the others. */
	| { is: "short" | "form" | "wrong" };

/** With fewer digits somebody is still typing. */
const SHORTEST = 6;
const LONGEST = 8;

/** What stands in the field: dots, spaces and the dash are for the eye. */
export function readRut(text: string): Rut {
	const plain = text.replace(/[.\s-]/g, "").toUpperCase();
	if (!/^\d*K?$/.test(plain) || plain.length > LONGEST + 1)
		return { is: "form" };
	const digits = plain.slice(0, -1).replace(/^0+/, ""), check = plain.slice(-1);
	if (!digits)
		return { is: "short" };
	if (checkDigit(digits) === check)
		return { is: "right", rut: `${digits}-${check}` };
	return { is: digits.length < SHORTEST ? "short" : "wrong" };
}
