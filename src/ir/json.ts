// Plain data: what may stand in a campaign's parameters. No functions, dates, NaN or undefined.

/** A value of an axis. */
export type Scalar = string | number | boolean;

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
