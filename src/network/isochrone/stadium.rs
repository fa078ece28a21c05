//! What lies within a radius of a straight line, row by row.

/// What lies within a radius of the line from the origin to an end that is not south of it, metres.
pub(super) struct Stadium {
    end: [f64; 2],
    radius: f64,
    /// How far the end of its west side lies beside and above the origin; that of its east side lies opposite.
    west: [f64; 2],
    /// How far east the line goes for each metre north; 0 for a line that goes none.
    slope: f64,
}

impl Stadium {
    /// Returns what lies within a radius of the line from the origin to an end.
    pub(super) fn of(end: [f64; 2], radius: f64) -> Self {
        let [dx, dy] = end;
        let long = (dx * dx + dy * dy).sqrt();
        let share = if long > 0.0 { radius / long } else { 0.0 };
        Self { end, radius, west: [-dy * share, dx * share], slope: if dy > 0.0 { dx / dy } else { 0.0 } }
    }

    /// Returns from where to where it lies on the row that lies so far north of the origin.
    pub(super) fn across(&self, y: f64) -> Option<[f64; 2]> {
        if y < -self.radius || y > self.end[1] + self.radius {
            return None;
        }
        // Each side is part of the circle about the origin, then straight, then part of the circle about the end.
        let half = |y: f64| (self.radius * self.radius - y * y).max(0.0).sqrt();
        let side = |[x, above]: [f64; 2], way: f64| {
            if y <= above {
                way * half(y)
            } else if y >= self.end[1] + above {
                self.end[0] + way * half(y - self.end[1])
            } else {
                x + (y - above) * self.slope
            }
        };
        Some([side(self.west, -1.0), side(self.west.map(|x| -x), 1.0)])
    }
}
