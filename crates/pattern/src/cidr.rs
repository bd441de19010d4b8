//! Ranges of addresses.

use std::net::IpAddr;

/// The addresses that begin as one does.
#[derive(Clone, Copy, Debug)]
pub struct Cidr {
    address: IpAddr,
    bits: u32,
}

impl Cidr {
    /// Parses `10.0.0.0/24` or `2001:db8::/32`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').collect();
        let [address, bits] = parts.as_slice() else {
            return Err("Malformed CIDR, one '/' required".to_owned());
        };
        let bits: i64 =
            bits.parse().map_err(|_| "Malformed CIDR, mask bits must be an integer".to_owned())?;
        let address: IpAddr = address.parse().map_err(|_| format!("Nonstandard IP address: {address}"))?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        match u32::try_from(bits) {
            Ok(bits) if bits < most => Ok(Self { address, bits }),
            Ok(_) => Err(format!("IPv{} mask bits must be < {most}", if most == 32 { 4 } else { 6 })),
            Err(_) => Err("Malformed CIDR, mask bits must not be negative".to_owned()),
        }
    }

    /// Whether an address, as text, is among them.
    pub fn contains(self, text: &str) -> bool {
        match (self.address, text.parse::<IpAddr>()) {
            (IpAddr::V4(own), Ok(IpAddr::V4(other))) => {
                (own.to_bits() ^ other.to_bits()).leading_zeros() >= self.bits
            }
            (IpAddr::V6(own), Ok(IpAddr::V6(other))) => {
                (own.to_bits() ^ other.to_bits()).leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}
