// The lines that make a scheduler take turns: for scrontab as they are, for cron, too. Pure text.
import { quoted } from "../../plan/shell.ts";

export interface Scheduled {
  /** Node and cmc. */
  readonly program: readonly string[];
  /** Of the campaign. */
  readonly root: string;
  /** Folder of SLURM's programs. Absent: where cron looks anyway. */
  readonly slurmFolder?: string;
  readonly slurmConf?: string;
}

/**
 * On a #SCRON line words end at blanks and quotes mean nothing (SLURM 20.11 to 25.05, src/scrontab/parse.c), so no path stands there: the command
 * writes its log itself. cron takes a bare % for a line end, the shell of both takes \% for a %.
 */
export function scrontabLines({ program, root, slurmFolder, slurmConf }: Scheduled): string {
  const word = (text: string) =>
    quoted(text)
      .split("%")
      .join(quoted(text).startsWith("'") ? "'\\%'" : "\\%");
  const environment = [
    ...(slurmFolder === undefined ? [] : [`PATH=${word(slurmFolder)}:"$PATH"`]),
    ...(slurmConf === undefined ? [] : [`SLURM_CONF=${word(slurmConf)}`]),
  ];
  const command = [...environment, ...program.map(word), "tick", "--root", word(root)].join(" ");
  return `#SCRON --time=00:10:00 --output=/dev/null\n*/10 * * * * ${command} >>${word(`${root}/logs/tick.log`)} 2>&1\n`;
}

/** For people: where the lines belong. */
export const INSTALLING = `To install it, add both lines to what \`scrontab -e\` shows. Your site may want more on the #SCRON line: a partition, \`-q cron\`, an account.
Without scrontab, on a host that stays up: \`(crontab -l; cmc tick ... --install) | crontab -\`; the #SCRON line is a comment there.
`;
