// What the server says, as the page reads it: the map of a stack, a control, the gaps, the difference of a what-if.
// Fields that are absent in an answer are absent here too.

export type Zone = "cde" | "connected" | "security_impacting" | "out_of_scope";
export type NodeKind =
  | "namespace"
  | "other_namespaces"
  | "anywhere"
  | "internet"
  | "load_balancer"
  | "api_server"
  | "node_dns"
  | "private"
  | "addresses";
export type Status =
  | "evidenced"
  | "supported"
  | "partial"
  | "gap"
  | "unknown"
  | "manual"
  | "attested"
  | "inherited"
  | "not_applicable"
  | "superseded";

export interface MapNode {
  id: string;
  kind: NodeKind;
  policies: boolean;
  zone?: Zone;
  components: string[];
  data_stores: string[];
}

export interface Flow {
  ports: string[];
  sources: string[];
  allowed_by: string[];
  verdict: "allowed" | "denied";
}

export interface Edge {
  from: string;
  to: string;
  ports?: string;
  flows: Flow[];
}

export interface Component {
  name: string;
  type: string;
  namespace?: string;
  ports: string[];
  zone?: Zone;
  external?: boolean;
  where: string;
}

export interface Link {
  id: string;
  from: string;
  to: string;
  type: string;
  ports: string[];
}

export interface ControlEntry {
  id: string;
  title: string;
  status: Status;
  class: string;
  milestone: number;
  evidence: number;
  missing: number;
}

export interface Requirement {
  requirement: number;
  title: string;
  controls: ControlEntry[];
}

export interface Numbers {
  controls_total: number;
  completion_percent?: number;
  technical_evidence_percent?: number;
  completion_done: number;
  completion_total: number;
  technical_points: number;
  technical_total: number;
  unknown: number;
  manual: number;
}

export interface StackMap {
  stack: string;
  system_name: string;
  demo?: boolean;
  level: string;
  level_source: string;
  stale?: string;
  numbers: Numbers;
  zones_stated: boolean;
  proof_holds: boolean;
  note?: string;
  nodes: MapNode[];
  edges: Edge[];
  requirements: Requirement[];
  components: Component[];
  links: Link[];
}

export interface StackRow {
  stack: string;
  system_name: string;
  level: string;
}

export interface Stacks {
  stacks: StackRow[];
  unreadable: { folder?: string; error: string }[];
}

export interface Place {
  file: string;
  line?: number;
  column?: number;
}

export interface Evidence {
  kind: string;
  subject: string;
  says: string;
  place?: Place;
}

export interface Missing {
  what: string;
  subject: string;
  where?: Place;
  state: string;
  decides: boolean;
}

export interface Control {
  id: string;
  title: string;
  requirement: number;
  status: Status;
  class?: string;
  milestone?: number;
  evidence?: Evidence[];
  missing: Missing[];
  asks?: string;
  note?: string;
  conditional_on?: string[];
  remaining_methods?: string[];
}

export type Change = Record<string, unknown> & { op: string };

export interface Gap {
  control: string;
  why: string;
  kind: string;
  change: Change[];
  advice?: string[];
  closes: string[];
}

export interface Gaps {
  gaps: Gap[];
  next_cursor?: string;
}

export interface ControlChange {
  id: string;
  from: Status;
  to: Status;
  because: string;
}

export interface FlowChange {
  from: string;
  to: string;
  ports: string[];
  sources: string[];
}

export interface Difference {
  changes: string[];
  before: Numbers;
  after: Numbers;
  controls_gained: ControlChange[];
  controls_gained_total?: number;
  controls_lost: ControlChange[];
  controls_lost_total?: number;
  policies_added: string[];
  policies_added_total?: number;
  policies_removed: string[];
  policies_removed_total?: number;
  flows_added: FlowChange[];
  flows_added_total?: number;
  flows_removed: FlowChange[];
  flows_removed_total?: number;
  exposure_added: unknown[];
  scope_added: unknown[];
  next_cursor?: string;
}
