package bulla.interop;

import eu.europa.esig.dss.alert.SilentOnStatusAlert;
import eu.europa.esig.dss.model.DSSException;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.service.crl.OnlineCRLSource;
import eu.europa.esig.dss.service.http.commons.CommonsDataLoader;
import eu.europa.esig.dss.service.http.commons.OCSPDataLoader;
import eu.europa.esig.dss.service.http.commons.TimestampDataLoader;
import eu.europa.esig.dss.service.ocsp.OnlineOCSPSource;
import eu.europa.esig.dss.service.tsp.OnlineTSPSource;
import eu.europa.esig.dss.spi.validation.CertificateVerifier;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.aia.DefaultAIASource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;

/** What DSS may trust and where it may ask: the given anchors, the given CRLs, and the loopback. */
final class World {
	private World()
	{
	}

	static CertificateVerifier verifier(List<String> trust, List<String> crls, boolean online)
	    throws IOException, CertificateException
	{
		CommonTrustedCertificateSource anchors = new CommonTrustedCertificateSource();
		for (String pem : trust) {
			certificates(pem).forEach(anchors::addCertificate);
		}
		CommonCertificateVerifier verifier = new CommonCertificateVerifier(true);
		verifier.setTrustedCertSources(anchors);
		/* CRLs given by hand stand in for those on the network. */
		if (!crls.isEmpty()) {
			verifier.setCrlSource(new ExternalResourcesCRLSource(crls.toArray(String[]::new)));
		}
		if (online) {
			verifier.setAIASource(new DefaultAIASource(new Loopback()));
			verifier.setOcspSource(new OnlineOCSPSource(new LoopbackOcsp()));
			if (crls.isEmpty()) {
				verifier.setCrlSource(new OnlineCRLSource(new Loopback()));
			}
		}
		verifier.setAlertOnNoRevocationAfterBestSignatureTime(new SilentOnStatusAlert());
		return verifier;
	}

	private static List<CertificateToken> certificates(String pem)
	    throws IOException, CertificateException
	{
		try (InputStream in = new FileInputStream(pem)) {
			return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
			    .map(c -> new CertificateToken((X509Certificate) c)).toList();
		}
	}

	static OnlineTSPSource tsa(String url)
	{
		demandLoopback(url);
		return new OnlineTSPSource(url, new TimestampDataLoader());
	}

	/** The tests touch no machine but this one, whatever address a certificate names. */
	private static void demandLoopback(String url)
	{
		try {
			if (InetAddress.getByName(literalHost(url)).isLoopbackAddress()) {
				return;
			}
		} catch (UnknownHostException e) {
			/* falls through to the refusal */
		}
		throw new DSSException("not a loopback address: " + url);
	}

	/** The host, unless it is a name other than localhost: such a name is never looked up. */
	private static String literalHost(String url) throws UnknownHostException
	{
		String host = URI.create(url).getHost();
		if (host == null || !host.matches("localhost|[0-9.]+|\\[[0-9a-fA-F:]+\\]")) {
			throw new UnknownHostException(url);
		}
		return host;
	}

	private static final class Loopback extends CommonsDataLoader {
		private static final long serialVersionUID = 1L;

		Loopback()
		{
			setRedirectsEnabled(false);
		}

		@Override
		public byte[] get(String url)
		{
			demandLoopback(url);
			return super.get(url);
		}
	}

	private static final class LoopbackOcsp extends OCSPDataLoader {
		private static final long serialVersionUID = 1L;

		LoopbackOcsp()
		{
			setRedirectsEnabled(false);
		}

		@Override
		public byte[] post(String url, byte[] content)
		{
			demandLoopback(url);
			return super.post(url, content);
		}
	}
}
