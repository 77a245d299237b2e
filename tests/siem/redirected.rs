//! What `siem/import.py` does with a redirect: nothing, so that the password goes to the named address alone.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    process::Command,
    thread,
};

use super::{files, snapshot};

/// The heads of `count` requests, each answered with `answer`.
fn answered(listener: TcpListener, answer: String) -> thread::JoinHandle<Vec<String>> {
    thread::spawn(move || {
        let mut heads = Vec::new();
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let mut reader = BufReader::new(&stream);
            let (mut head, mut length) = (String::new(), 0);
            while reader.read_line(&mut head).unwrap() > 2 {
                let last = head.lines().last().unwrap_or_default().to_lowercase();
                length = last.strip_prefix("content-length: ").map_or(length, |length| length.parse().unwrap());
            }
            if head.starts_with("QUIT") {
                break;
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            heads.push(head);
            (&stream).write_all(answer.as_bytes()).unwrap();
        }
        heads
    })
}

#[test]
fn the_import_follows_no_redirect_with_the_password() {
    if Command::new("python3").arg("--version").output().is_err() {
        let _ = writeln!(std::io::stderr(), "skipped: no `python3` on this machine");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("import.py");
    std::fs::write(&script, &files(&[&snapshot("shop", false, None)])["siem/import.py"]).unwrap();
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let [named, other] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [named_at, other_at] = [&named, &other].map(|one| one.local_addr().unwrap());
        let redirect = format!(
            "HTTP/1.1 {status}\r\nLocation: http://{other_at}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let fine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}".to_owned();
        let (asked, elsewhere) = (answered(named, redirect), answered(other, fine));
        // A GET is what urllib itself would redirect whatever the status is.
        let run = Command::new("python3")
            .arg("-c")
            .arg("import runpy, sys; sys.argv = sys.argv[1:]; m = runpy.run_path(sys.argv[0]); m['Service'](sys.argv[1]).call(sys.argv[2], '/')")
            .args([script.to_str().unwrap(), &format!("http://{named_at}"), "GET"])
            .envs([("USERNAME", "admin"), ("PASSWORD", "hunter2-of-the-import"), ("no_proxy", "*")])
            .output()
            .unwrap();
        for at in [named_at, other_at] {
            std::net::TcpStream::connect(at).unwrap().write_all(b"QUIT\r\n\r\n").unwrap();
        }
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(!run.status.success() && said.contains("redirects are not followed"), "{status}: {said}");
        assert!(asked.join().unwrap().iter().any(|head| head.contains("Authorization: Basic")), "{status}");
        assert_eq!(elsewhere.join().unwrap(), Vec::<String>::new(), "{status}");
    }
}
