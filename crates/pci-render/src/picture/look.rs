//! How boxes are told apart: each kind by its outline and by its colour. The hues are those of Okabe and Ito, which
//! people who see few colours tell apart too; lines are darkened and areas lightened, so that either stands out.

/// What a box is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Look {
    /// A namespace with account data.
    Cde,
    /// One with a way to account data.
    Connected,
    /// One that guards these.
    Guarding,
    /// One without any of that.
    OutOfScope,
    /// One with policies, where nobody says where account data is.
    Managed,
    /// One without policies.
    Unmanaged,
    /// Outside the cluster.
    Outside,
}

impl Look {
    pub(super) const ALL: [Self; 7] =
        [Self::Cde, Self::Connected, Self::Guarding, Self::OutOfScope, Self::Managed, Self::Unmanaged, Self::Outside];

    /// What a legend says of it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Cde => "account data (CDE)",
            Self::Connected => "connected to the CDE",
            Self::Guarding => "security-impacting",
            Self::OutOfScope => "out of scope",
            Self::Managed => "namespace with policies",
            Self::Unmanaged => "namespace without policies",
            Self::Outside => "outside the cluster",
        }
    }

    /// How fields name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cde => "cde",
            Self::Connected => "connected",
            Self::Guarding => "security_impacting",
            Self::OutOfScope => "out_of_scope",
            Self::Managed => "managed",
            Self::Unmanaged => "unmanaged",
            Self::Outside => "outside",
        }
    }

    /// The colours of its line and its area.
    pub(super) fn colours(self) -> (&'static str, &'static str) {
        match self {
            Self::Cde => ("#b34700", "#fbe4d5"),
            Self::Connected => ("#9a6b00", "#fdf2d6"),
            Self::Guarding => ("#00795a", "#d8f0e7"),
            Self::OutOfScope => ("#2b7fb0", "#eaf5fc"),
            Self::Managed => ("#005c91", "#dfedf7"),
            Self::Unmanaged => ("#6b6b6b", "#f6f6f6"),
            Self::Outside => ("#9c4577", "#f8e8f0"),
        }
    }

    /// How far text stays from the left and right end.
    pub(super) fn margin(self) -> f64 {
        if self == Self::Outside || self == Self::Unmanaged { 16.0 } else { 12.0 }
    }

    /// Its outline as path data.
    pub(super) fn outline(self, [x, y, w, h]: [f64; 4]) -> String {
        let (right, bottom) = (x + w, y + h);
        match self {
            Self::Cde | Self::OutOfScope => format!("M{x} {y}H{right}V{bottom}H{x}Z"),
            Self::Connected | Self::Managed => rounded([x, y, w, h], if self == Self::Managed { 3.0 } else { 9.0 }),
            Self::Unmanaged => rounded([x, y, w, h], (h / 2.0).min(16.0)),
            Self::Guarding => {
                let cut = 7.0;
                format!(
                    "M{} {y}H{}L{right} {}V{}L{} {bottom}H{}L{x} {}V{}Z",
                    x + cut,
                    right - cut,
                    y + cut,
                    bottom - cut,
                    right - cut,
                    x + cut,
                    bottom - cut,
                    y + cut
                )
            }
            Self::Outside => {
                let (cut, middle) = (10.0, y + h / 2.0);
                format!(
                    "M{} {y}H{}L{right} {middle}L{} {bottom}H{}L{x} {middle}Z",
                    x + cut,
                    right - cut,
                    right - cut,
                    x + cut
                )
            }
        }
    }
}

fn rounded([x, y, w, h]: [f64; 4], radius: f64) -> String {
    format!(
        "M{} {y}H{}a{radius} {radius} 0 0 1 {radius} {radius}V{}a{radius} {radius} 0 0 1 -{radius} {radius}H{}a{radius} {radius} 0 0 1 -{radius} -{radius}V{}a{radius} {radius} 0 0 1 {radius} -{radius}Z",
        x + radius,
        x + w - radius,
        y + h - radius,
        x + radius,
        y + radius
    )
}
