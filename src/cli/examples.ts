// Examples of every command, for its help. Text only.

export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  check: ["cmc check campaigns/roman-grs", "cmc check --set preset=production --json"],
  build: ["cmc build campaigns/roman-grs --out /scratch/bundles", "cmc build --site perlmutter.yaml"],
  plan: [
    "cmc plan campaigns/roman-grs --set preset=production",
    "cmc plan --reason code_changed -v",
    "cmc plan --list --stage mock | head",
    "cmc plan campaigns/roman-grs --site perlmutter -o july.plan",
    "cmc plan --format markdown >>$GITHUB_STEP_SUMMARY",
  ],
  estimate: [
    "cmc estimate campaigns/roman-grs --set preset=production",
    "cmc estimate --site perlmutter.yaml --nodes 20",
  ],
  apply: [
    "cmc apply campaigns/lensing-ssc --set input=/data/lensing-ssc",
    "cmc apply --canary --auto-approve",
    "cmc apply --exclude 'mock[redshift=1.4]' --limit 10",
    "cmc apply july.plan --base /scratch/runs",
    "Ctrl-C lets running jobs finish; a second one stops them.",
  ],
  tick: [
    "cmc tick campaigns/roman-grs",
    "cmc tick --root /scratch/runs/roman-grs_v1.0",
    "(crontab -l; cmc tick campaigns/roman-grs --install) | crontab -",
  ],
  watch: ["cmc watch campaigns/roman-grs --every 30s"],
  status: ["cmc status campaigns/roman-grs", "cmc status --check || echo 'something failed'"],
  explain: [
    "cmc explain 'mock[realization=3,redshift=1.1]'",
    "cmc explain covariance --exclude mock",
    "cmc explain covariance campaigns/roman-grs",
  ],
  show: [
    "cmc show 'mock[realization=3,redshift=1.1]'",
    "cmc show covariance --json",
    "cmc show july.plan -v --stage mock",
    "cmc show covariance --site perlmutter",
  ],
  logs: ["cmc logs 'mock[realization=3,redshift=1.1]'", "cmc logs covariance --attempt 2"],
  retry: [
    "cmc retry --because 'the scratch disk was full'",
    "cmc retry campaigns/roman-grs 'mock[realization=3,redshift=1.1]' --because 'node nid004'",
    "cmc retry --stage mock --where realization=0..99 --because 'bad library' --dry-run",
    "cmc plan --list --reason held | cmc retry - --because 'they may run'",
  ],
  block: [
    "cmc block 'mock[realization=3,redshift=1.1]' --because 'its halo file is wrong'",
    "cmc block --stage mock --where realization=100..199 --because 'wait for the new calibration'",
  ],
  release: [
    "cmc release --because 'calibrated'",
    "cmc release --stage mock --because 'the queue is fixed' --dry-run",
    "cmc release --ramp --because 'chi2 is off for small boxes'",
  ],
  accept: [
    "cmc accept --stage mock --reason code_changed --because 'only the log line is another' --dry-run",
    "cmc accept --where redshift=1.4 --because 'the header of the halo files was mended'",
  ],
  adopt: [
    "cmc adopt --because 'made before cmc' --dry-run",
    "cmc adopt --stage mock --from 'old/ph{realization}/mock_z{redshift}.hdf5' --output mock.catalog --because 'last year'",
    "cmc adopt --from '/archive/cov_{redshift}.npz' --output covariance.matrix --how copy --because 'from the archive'",
  ],
  forget: [
    "cmc forget --where realization=17 --because 'made with the old library' --dry-run",
    "cmc plan --list --reason output_changed | cmc forget - --because 'edited by hand'",
  ],
  cancel: [
    "cmc cancel campaigns/roman-grs --because 'wrong seed'",
    "cmc cancel --stage mock --where realization=0..99 --dry-run",
    "cmc cancel 'mock[realization=3,redshift=1.1]' --whole-tasks",
    "cmc cancel --now",
  ],
  mv: [
    "cmc mv mock catalogue --dry-run                  a stage",
    "cmc mv '[z]' '[redshift]'                        an axis, of every stage that has it",
    "cmc mv 'mock[z]' 'mock[redshift]'                an axis that one stage has for itself",
    "cmc mv '[box=big]' '[box=bigbox]' campaigns/sims a value",
    "cmc mv mock.cat mock.catalog                     an output",
  ],
  import: [
    "cmc import config/productions/smoketest100.yaml",
    "cmc import smoketest100.yaml --out campaigns/smoke --force",
    "cmc import *.yaml --machine config/defaults/nersc.yaml",
  ],
  history: ["cmc history campaigns/roman-grs", "cmc history last", "cmc history --json --limit 5"],
  diff: [
    "cmc diff last                        what is here against the last apply",
    "cmc diff last~1 last -v              two applies, job by job",
    "cmc diff v1.2 campaigns/roman-grs    what is here against a git revision",
  ],
  verify: [
    "cmc verify campaigns/roman-grs",
    "cmc verify --deep --jobs 16 && echo 'not a bit has changed'",
    "cmc verify --deep --record 'fresh from the cluster' --stage mock",
    "cmc verify --write",
  ],
  rebuild: ["cmc rebuild campaigns/roman-grs"],
  site: ["cmc site show perlmutter", "cmc site show sites/mine.yaml --json"],
  "force-unlock": ["cmc force-unlock 3f2a9c41d0b7 campaigns/roman-grs"],
  doctor: ["cmc doctor", "cmc doctor campaigns/roman-grs --base /scratch/runs", "cmc doctor --site perlmutter.yaml"],
};
