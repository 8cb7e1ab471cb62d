// Users, accounts, QOS and their limits, by sacctmgr. Not their enforcement: that is slurmctld's (AccountingStorageEnforce).
// @ts-check
import { run } from "./commands.mjs";

/** @param {Record<string, string>} env */
export function accountsOf(env) {
  /** @param {readonly string[]} args */
  async function sacctmgr(...args) {
    const { status, stdout, stderr } = await run(["sacctmgr", "-i", ...args], { env });
    const text = `${stdout}${stderr}`;
    if (status !== 0 && !/Nothing (new added|modified|deleted)|already exists/i.test(text))
      throw new Error(`sacctmgr ${args.join(" ")}: ${text.trim()}`);
    return stdout;
  }

  /** Root may use it, too. @param {string} name @param {Readonly<Record<string, string | number>>} [limits] */
  async function qos(name, limits = {}) {
    const settings = Object.entries(limits).map(([key, value]) => `${key}=${value}`);
    await sacctmgr("add", "qos", name);
    if (settings.length > 0) await sacctmgr("modify", "qos", name, "set", ...settings);
    await sacctmgr("modify", "user", "root", "set", `qos+=${name}`);
  }

  /** @param {string} name @param {string} account @param {readonly string[]} [all] */
  async function user(name, account, all = ["normal"]) {
    await sacctmgr("add", "account", account);
    await sacctmgr("add", "user", name, `account=${account}`);
    const allowed = [`qos=${all.join(",")}`, `defaultqos=${all[0]}`];
    await sacctmgr("modify", "user", "where", `name=${name}`, `account=${account}`, "set", ...allowed);
  }

  return { sacctmgr, qos, user };
}
