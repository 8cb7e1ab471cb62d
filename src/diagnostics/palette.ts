// Colours as functions (picocolors), so that formatters stay pure: the identity where there is no terminal or NO_COLOR is set.
import pico from "picocolors";

export type Palette = Pick<ReturnType<typeof pico.createColors>, "red" | "yellow" | "green" | "cyan" | "dim" | "bold">;

export const COLOUR: Palette = pico.createColors(true);
export const PLAIN: Palette = pico.createColors(false);
