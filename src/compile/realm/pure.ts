// What task code may use of "cmc" at run time: pure helpers. Types vanish; everything else exists only while a campaign is compiled.
export { axis, product, zip } from "../../author/axis.ts";
export { pad } from "../../author/output.ts";
export { seedFrom } from "../../author/seed.ts";
