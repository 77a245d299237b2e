//! What an object is: `apiVersion` and `kind`.

/// `apiVersion` and `kind`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    pub(super) api_version: String,
    pub(super) kind: String,
}

/// How an object is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Policy,
    Namespace,
    Pod,
    Template(&'static str),
    CronJob,
    /// By its metadata alone.
    Other,
}

impl Kind {
    /// How an object of this kind is read.
    pub(super) fn route(&self) -> Route {
        match (self.api_version.as_str(), self.kind.as_str()) {
            ("networking.k8s.io/v1", "NetworkPolicy") => Route::Policy,
            ("v1", "Namespace") => Route::Namespace,
            ("v1", "Pod") => Route::Pod,
            ("v1", "ReplicationController") => Route::Template("ReplicationController"),
            ("apps/v1", "Deployment") => Route::Template("Deployment"),
            ("apps/v1", "StatefulSet") => Route::Template("StatefulSet"),
            ("apps/v1", "DaemonSet") => Route::Template("DaemonSet"),
            ("apps/v1", "ReplicaSet") => Route::Template("ReplicaSet"),
            ("batch/v1", "Job") => Route::Template("Job"),
            ("batch/v1", "CronJob") => Route::CronJob,
            _ => Route::Other,
        }
    }

    /// What the items of a list of this kind are, if it is one of a single kind.
    pub(super) fn of_items(&self) -> Option<Self> {
        let kind = self.kind.strip_suffix("List").filter(|kind| !kind.is_empty())?;
        Some(Self { api_version: self.api_version.clone(), kind: kind.to_owned() })
    }

    /// Whether an object of this kind has a say in traffic that is not evaluated here.
    pub(super) fn restricts_otherwise(&self) -> bool {
        let group = self.api_version.split('/').next().unwrap_or_default();
        match group {
            "cilium.io" => self.kind.ends_with("NetworkPolicy"),
            "crd.projectcalico.org" | "projectcalico.org" => {
                self.kind.ends_with("NetworkPolicy") || self.kind == "Tier"
            }
            "policy.networking.k8s.io" | "k8s.cni.cncf.io" | "crd.antrea.io" => self.kind.ends_with("Policy"),
            "k8s.ovn.org" => self.kind == "EgressFirewall",
            "network.openshift.io" => self.kind == "EgressNetworkPolicy",
            "security.istio.io" => ["AuthorizationPolicy", "PeerAuthentication"].contains(&self.kind.as_str()),
            "networking.istio.io" => self.kind == "Sidecar",
            "policy.linkerd.io" => true,
            "kuma.io" => self.kind.ends_with("TrafficPermission"),
            _ => false,
        }
    }

    /// Whether an object would play a part if it were of today's API version.
    pub(super) fn is_of_old_version(&self) -> bool {
        let old = ["extensions/v1beta1", "apps/v1beta1", "apps/v1beta2", "batch/v1beta1", "batch/v2alpha1"];
        let plays_a_part = ["NetworkPolicy", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "CronJob"]
            .contains(&self.kind.as_str());
        plays_a_part
            && (old.contains(&self.api_version.as_str()) || self.api_version.starts_with("networking.k8s.io/v1beta"))
    }
}
