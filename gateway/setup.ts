import type { Catalogue } from '../intents/catalogue.ts';
import { didYouMean } from '../intents/did-you-mean.ts';
import type { Finding } from '../intents/findings.ts';
import { loadCatalogue } from '../intents/load.ts';
import { toProto } from '../intents/project/proto.ts';
import type { Ran } from '../intents/project/ran.ts';
import type { Source } from '../intents/source.ts';
import { loadPolicies } from '../policies/load.ts';
import type { Bundle } from '../policies/types.ts';
import { authzenFindings } from './authzen-directory.ts';
import { type LoadedConfig, loadConfig } from './config.ts';
import type { Config } from './config-document.ts';
import { readFiles } from './files.ts';
import { idSequence } from './ids.ts';
import { loadRan } from './ran-examples.ts';

/** Everything a folder says, checked, before anything is connected. */
export interface Setup {
  readonly folder: string;
  /** Where what the configuration says stands in its file. */
  readonly source?: Source;
  readonly config: Config;
  readonly catalogue: Catalogue;
  readonly bundle: Bundle;
  /** Policies on trial. */
  readonly shadow: Bundle | undefined;
  /** Calls that ran, to be shown. */
  readonly ran?: readonly Ran[];
}

export interface Loaded {
  /** Only where nothing is wrong. */
  readonly setup: Setup | undefined;
  /** Sorted by file and line. */
  readonly findings: readonly Finding[];
  readonly counts: { readonly intents: number; readonly policies: number };
}

/** Loads `ostiary.yaml` of a folder and all it names. What is wrong is told all at once. */
export const loadSetup = async (folder: string, env: Readonly<Record<string, string | undefined>>): Promise<Loaded> => {
  const { loaded, findings } = loadConfig(folder, env);
  if (loaded === undefined) return { setup: undefined, findings, counts: { intents: 0, policies: 0 } };
  const { config, folder: home } = loaded;
  const contracts = await readFiles(home, [...config.ontology, ...config.schemas, ...config.intents], true);
  const { catalogue, findings: contractFindings } = loadCatalogue(contracts.sources);
  const [policyFiles, shadowFiles] = await Promise.all([
    readFiles(home, config.policies),
    readFiles(home, config.shadow),
  ]);
  const options = { resolveRef: catalogue.library.resolveRef, newId: idSequence() };
  // A policy may name what is out of use for now, so that it need not be written anew when it is back.
  const named = [...catalogue.intents, ...catalogue.disabled];
  const policies = loadPolicies(policyFiles.sources, named, options);
  const trial = config.shadow.length === 0 ? undefined : loadPolicies(shadowFiles.sources, named, options);
  const examples = await loadRan(loaded, catalogue);
  const all = [
    ...findings,
    ...examples.findings,
    ...contracts.findings,
    ...contractFindings,
    ...backendFindings(loaded, catalogue),
    ...grpcFindings(loaded, catalogue),
    ...authzenFindings(loaded, catalogue),
    ...canaryFindings(loaded, catalogue),
    ...policyFiles.findings,
    ...shadowFiles.findings,
    // Policies lean on contracts: what a broken contract makes of them would only confuse.
    ...(contracts.findings.length + contractFindings.filter(({ severity }) => severity === 'error').length > 0
      ? []
      : [...policies.findings, ...(trial?.findings ?? [])]),
  ].sort((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1));
  const broken = all.some(({ severity }) => severity === 'error') || policies.bundle === undefined;
  return {
    setup:
      broken || policies.bundle === undefined
        ? undefined
        : {
            folder: home,
            source: loaded.source,
            config,
            catalogue,
            bundle: policies.bundle,
            shadow: trial?.bundle,
            ran: examples.ran,
          },
    findings: all,
    counts: { intents: catalogue.intents.length, policies: policies.bundle?.ruleCount ?? 0 },
  };
};

const backendFindings = ({ config, source }: LoadedConfig, catalogue: Catalogue): Finding[] => {
  const names = Object.keys(config.backends);
  return catalogue.intents.flatMap(({ call, source: place, id }): Finding[] => {
    const backend = config.backends[call.backend];
    const fault = (message: string): Finding => ({ severity: 'error', ...place, code: 'intent.backend', message });
    if (backend === undefined)
      return [
        fault(
          `${id} calls the backend "${call.backend}", which ${source.file} does not name.${didYouMean(call.backend, names)}`,
        ),
      ];
    if (backend.kind !== call.kind)
      return [fault(`${id} calls "${call.backend}" by ${call.kind}, but ${source.file} says it is ${backend.kind}.`)];
    return [];
  });
};

/** A canary that is misspelt would never sing. */
const canaryFindings = ({ config, source }: LoadedConfig, catalogue: Catalogue): Finding[] => {
  const ids = catalogue.intents.map(({ id }) => id);
  return config.reputation.canaries.flatMap((id, index): Finding[] =>
    ids.includes(id)
      ? []
      : [
          {
            severity: 'error',
            file: source.file,
            ...source.at(['reputation', 'canaries', index]),
            code: 'config.canary',
            message: `There is no intent "${id}".${didYouMean(id, ids)}`,
          },
        ],
  );
};

/** What keeps the contracts from being services of the gRPC door, where there is to be one. */
const grpcFindings = ({ config, source }: LoadedConfig, { intents, library }: Catalogue): Finding[] => {
  const { grpc } = config.doors;
  if (grpc === undefined) return [];
  try {
    toProto(intents, library, grpc.package);
    return [];
  } catch (error) {
    const place = { file: source.file, ...source.at(['doors', 'grpc']) };
    return (error as Error).message
      .split('\n')
      .map((message) => ({ severity: 'error', ...place, code: 'config.grpc', message }));
  }
};
