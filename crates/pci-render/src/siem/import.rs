//! What brings the folder in: a script, and a Kubernetes Job that runs it beside OpenSearch, where the policies let it.

use std::fmt::Write as _;

use pci_engine::Snapshot;
use pci_stack::MANAGED_BY;

/// The script; it imports with overwrite and deletes what an earlier folder of the same stacks brought.
const SCRIPT: &str = include_str!("import.py");
/// Its file.
const SCRIPT_FILE: &str = "import.py";
/// The Job's file.
const JOB_FILE: &str = "import-job.yaml";

/// The script and the Job for the dashboards of `stacks`, by file name.
pub(super) fn files(stacks: &[&Snapshot]) -> Vec<(String, Vec<u8>)> {
    vec![(SCRIPT_FILE.to_owned(), SCRIPT.as_bytes().to_vec()), (JOB_FILE.to_owned(), job(stacks).into_bytes())]
}

/// The Job. It runs in OpenSearch's own namespace: from there the policies let it reach OpenSearch and its dashboards.
fn job(stacks: &[&Snapshot]) -> String {
    let namespace = stacks.iter().find_map(|one| one.stack.namespace(one.siem().store?));
    let namespace = namespace.map_or_else(|| "opensearch".to_owned(), ToString::to_string);
    let mut text = format!(
        "\
# Imports this folder: templates, retention, monitors, dashboards. Before it:
#   kubectl -n {namespace} create secret generic pci-siem-import --from-literal=OPENSEARCH_URL=https://OPENSEARCH:9200 \\
#     --from-literal=DASHBOARDS_URL=http://DASHBOARDS:5601 --from-literal=USERNAME=NAME --from-literal=PASSWORD=WORD
# and, in this folder, what is to be imported (a ConfigMap holds 1 MiB, so each stack has one of its own):
#   kubectl -n {namespace} create configmap pci-siem --from-file=import.py $(ls *.json *-pci-overview.ndjson *-pci-360.ndjson | sed s/^/--from-file=/)
"
    );
    for snapshot in stacks {
        let id = &snapshot.stack.id;
        let _ = writeln!(
            text,
            "#   kubectl -n {namespace} create configmap pci-siem-{id} $(ls dashboards-*-{id}.ndjson | sed s/^/--from-file=/)"
        );
    }
    let _ = write!(
        text,
        "\
apiVersion: batch/v1
kind: Job
metadata:
  name: pci-siem-import
  namespace: {namespace}
  labels:
    app.kubernetes.io/managed-by: {MANAGED_BY}
    app.kubernetes.io/name: pci-siem-import
spec:
  backoffLimit: 2
  ttlSecondsAfterFinished: 86400
  template:
    metadata:
      labels:
        app.kubernetes.io/name: pci-siem-import
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 65534
        seccompProfile: {{type: RuntimeDefault}}
      containers:
        - name: import
          image: python:3.13-alpine@sha256:399babc8b49529dabfd9c922f2b5eea81d611e4512e3ed250d75bd2e7683f4b0
          command: [python3, /siem/{SCRIPT_FILE}, /siem]
          envFrom:
            - secretRef: {{name: pci-siem-import}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {{drop: [ALL]}}
          resources:
            requests: {{cpu: 50m, memory: 64Mi}}
            limits: {{memory: 256Mi}}
          volumeMounts:
            - {{name: siem, mountPath: /siem, readOnly: true}}
      volumes:
        - name: siem
          projected:
            sources:
              - configMap: {{name: pci-siem}}
"
    );
    for snapshot in stacks {
        let _ = writeln!(text, "              - configMap: {{name: pci-siem-{}}}", snapshot.stack.id);
    }
    text
}
