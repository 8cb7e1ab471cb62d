// The module that `import "cmc"` means inside an evaluation: the authoring API and, beside it, what the host asks. Runs in a bare vm context.
export * from "../../index.ts";
export { openRealm } from "./realm.ts";
