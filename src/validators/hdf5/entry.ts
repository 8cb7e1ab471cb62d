// Entry of hdf5.mjs, the side chunk with h5wasm in it: what the worker's thread may call. Nothing here is loaded by jobs without HDF5.
import type { Hdf5 } from "../../author/hdf5.ts";
import type { CheckFact } from "../../state/receipt.ts";
import { findings, type Hdf5Check } from "./checks.ts";
import { startLibrary } from "./library.ts";
import { openFile } from "./reader.ts";
import { createFile } from "./writer.ts";

export interface Hdf5Entry {
  loadHdf5(): Promise<Hdf5>;
  checkHdf5(check: Hdf5Check): Promise<CheckFact[]>;
}

export async function loadHdf5(): Promise<Hdf5> {
  await startLibrary();
  return { create: createFile, open: openFile };
}

export async function checkHdf5(check: Hdf5Check): Promise<CheckFact[]> {
  await startLibrary();
  return findings(check);
}
