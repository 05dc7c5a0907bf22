package bulla.interop;

import eu.europa.esig.dss.alert.SilentOnStatusAlert;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.pades.validation.PDFDocumentAnalyzer;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.signature.AdvancedSignature;
import eu.europa.esig.dss.spi.validation.CertificateVerifier;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.validation.ValidationContext;
import eu.europa.esig.dss.spi.x509.CommonCertificateSource;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.evidencerecord.EvidenceRecord;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.spi.x509.revocation.ocsp.ExternalResourcesOCSPSource;
import eu.europa.esig.dss.spi.x509.tsp.TimestampToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder that tests/interop/scenes.c wrote: document.pdf, anchors, evidence, and the instant. Nobody is
 * asked anything; the evidence is all there is, and all of it is there for every question, as what the
 * document holds is. (A CRL or OCSP source of the verifier would be asked for one answer only.)
 */
final class Scene {
	private final Path folder;

	Scene(Path folder)
	{
		this.folder = folder;
	}

	/** Those in the folder that have a policy for DSS. */
	static List<Path> all(Path parent) throws IOException
	{
		try (Stream<Path> folders = Files.list(parent)) {
			return folders.filter(f -> Files.exists(f.resolve("policy.xml"))).sorted().toList();
		}
	}

	Date at() throws IOException
	{
		return Date.from(Instant.parse(Files.readString(folder.resolve("at")).strip()));
	}

	/** Bulla's policy in the words of DSS. */
	DSSDocument policy()
	{
		return new FileDocument(folder.resolve("policy.xml").toFile());
	}

	PDFDocumentValidator validator() throws IOException
	{
		PDFDocumentValidator validator = new PDFDocumentValidator(new Analyzer(
		    new FileDocument(folder.resolve("document.pdf").toFile()),
		    new ExternalResourcesCRLSource(documents("crls")),
		    new ExternalResourcesOCSPSource(documents("ocsps")))) {
		};
		validator.setCertificateVerifier(verifier());
		validator.setSigningCertificateSource(given());
		validator.setValidationTime(at());
		return validator;
	}

	private CertificateVerifier verifier() throws IOException
	{
		CommonTrustedCertificateSource anchors = new CommonTrustedCertificateSource();
		for (DSSDocument anchor : documents("anchors")) {
			anchors.addCertificate(certificate(anchor));
		}
		CommonCertificateVerifier verifier = new CommonCertificateVerifier(true);
		verifier.setTrustedCertSources(anchors);
		verifier.setAdjunctCertSources(given());
		verifier.setAIASource(null);
		verifier.setAlertOnNoRevocationAfterBestSignatureTime(new SilentOnStatusAlert());
		return verifier;
	}

	private CommonCertificateSource given() throws IOException
	{
		CommonCertificateSource given = new CommonCertificateSource();
		for (DSSDocument item : documents("certs")) {
			given.addCertificate(certificate(item));
		}
		return given;
	}

	private static CertificateToken certificate(DSSDocument document)
	{
		return DSSUtils.loadCertificate(document.openStream());
	}

	private DSSDocument[] documents(String kind) throws IOException
	{
		Path items = folder.resolve(kind);
		if (!Files.isDirectory(items)) {
			return new DSSDocument[0];
		}
		try (Stream<Path> paths = Files.list(items)) {
			return paths.sorted().map(p -> new FileDocument(p.toFile())).toArray(DSSDocument[]::new);
		}
	}

	private static final class Analyzer extends PDFDocumentAnalyzer {
		private final ExternalResourcesCRLSource crls;
		private final ExternalResourcesOCSPSource ocsps;

		Analyzer(DSSDocument document, ExternalResourcesCRLSource crls, ExternalResourcesOCSPSource ocsps)
		{
			super(document);
			this.crls = crls;
			this.ocsps = ocsps;
		}

		@Override
		protected <T extends AdvancedSignature> ValidationContext prepareValidationContext(
		    Collection<T> signatures, Collection<TimestampToken> timestamps,
		    Collection<EvidenceRecord> records, CertificateVerifier verifier)
		{
			ValidationContext context =
			    super.prepareValidationContext(signatures, timestamps, records, verifier);
			context.addDocumentCRLSource(crls);
			context.addDocumentOCSPSource(ocsps);
			return context;
		}
	}
}
